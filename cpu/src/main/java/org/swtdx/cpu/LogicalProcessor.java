package org.swtdx.cpu;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A logical processor of the host. Host code that executes SEAMCALL or VM entry does so on one; a
 * guest processor occupies it between VM entry and VM exit.
 */
public final class LogicalProcessor {
  private final int index;
  private final int packageId;
  private final ReentrantLock occupancy = new ReentrantLock(true);
  private final AtomicReference<@Nullable InterruptTarget> running = new AtomicReference<>();
  private final AtomicLongArray latched = new AtomicLongArray(4);
  private volatile boolean masked;

  /** What runs on the processor and can be interrupted: a guest between entry and exit. */
  interface InterruptTarget {
    /** An interrupt with {@code vector} arrived for the host. */
    void externalInterrupt(int vector);
  }

  LogicalProcessor(int index, int packageId) {
    this.index = index;
    this.packageId = packageId;
  }

  /** Position among the platform's logical processors, from 0. */
  public int index() {
    return index;
  }

  /** The package it belongs to, from 0. */
  public int packageId() {
    return packageId;
  }

  /** Held by the host thread that currently is this processor ("runs with preemption off"). */
  public ReentrantLock occupancy() {
    return occupancy;
  }

  /**
   * Masks interrupts for host code on this processor. What arrives is latched and taken by a guest
   * entered meanwhile, so that a request made after the host's last check still ends that entry.
   */
  public void maskInterrupts() {
    masked = true;
  }

  /** Unmasks interrupts; those latched are the host's own and are dropped. */
  public void unmaskInterrupts() {
    masked = false;
    for (int i = 0; i < latched.length(); i++) {
      if (latched.get(i) != 0) { // a store that others see costs more than a look
        latched.set(i, 0);
      }
    }
  }

  /**
   * Sends an interrupt. A guest running here with that posted-interrupt notification vector
   * processes its descriptor; any other vector causes an external-interrupt VM exit. With no guest
   * running it is latched while {@linkplain #maskInterrupts masked}, else it is the host's own and
   * does nothing here. Any thread.
   */
  public void sendInterrupt(int vector) {
    InterruptTarget target = running.get();
    if (target == null && masked) {
      latched.getAndUpdate(vector >>> 6, word -> word | 1L << vector);
      target = running.get();
      if (target == null || !unlatch(vector)) {
        return;
      }
    }
    if (target != null) {
      target.externalInterrupt(vector);
    }
  }

  /** Whether an interrupt was latched while host code runs here with interrupts masked. */
  public boolean interruptPending() {
    for (int i = 0; i < latched.length(); i++) {
      if (latched.get(i) != 0) {
        return true;
      }
    }
    return false;
  }

  private boolean unlatch(int vector) {
    long bit = 1L << vector;
    return (latched.getAndUpdate(vector >>> 6, word -> word & ~bit) & bit) != 0;
  }

  /** Sends the reschedule interrupt: a running guest exits with reason external interrupt. */
  public void kick() {
    sendInterrupt(0xfd);
  }

  void enter(InterruptTarget target) {
    running.set(target);
    for (int word = 0; word < latched.length(); word++) {
      for (long bits = latched.get(word); bits != 0; bits &= bits - 1) {
        int vector = word << 6 | Long.numberOfTrailingZeros(bits);
        if (unlatch(vector)) {
          target.externalInterrupt(vector);
        }
      }
    }
  }

  void leave() {
    running.set(null);
  }
}
