package org.swtdx.cpu;

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
  private final ReentrantLock occupancy = new ReentrantLock();
  private final AtomicReference<@Nullable InterruptTarget> running = new AtomicReference<>();

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
   * Sends an interrupt. A guest running here with that posted-interrupt notification vector
   * processes its descriptor; any other vector causes an external-interrupt VM exit. With no guest
   * running the interrupt is the host's own and does nothing here.
   */
  public void sendInterrupt(int vector) {
    InterruptTarget target = running.get();
    if (target != null) {
      target.externalInterrupt(vector);
    }
  }

  /** Sends the reschedule interrupt: a running guest exits with reason external interrupt. */
  public void kick() {
    sendInterrupt(0xfd);
  }

  void enter(InterruptTarget target) {
    running.set(target);
  }

  void leave() {
    running.set(null);
  }
}
