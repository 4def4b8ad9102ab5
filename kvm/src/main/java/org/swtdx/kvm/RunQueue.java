package org.swtdx.kvm;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;

/**
 * Who waits for one logical processor, in the order in which they came. The first of them lets the
 * holder have it for a time slice, which begins when there is a first one, and then interrupts its
 * guest. The others sleep until they are the first.
 */
final class RunQueue {
  private static final long SLICE_NANOS = 2_000_000;

  /** How long the first waits for a thread that is in no queue of ours, but in the lock's. */
  private static final long YIELD_NANOS = 50_000;

  private final LogicalProcessor lp;
  private final ReentrantLock lock;
  private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

  /** Whether the first has waited for a time slice. Written by the first. */
  private volatile boolean expired;

  RunQueue(LogicalProcessor lp) {
    this.lp = lp;
    lock = lp.occupancy();
  }

  /** Takes the processor if it is free and nobody waits for it. */
  boolean tryTake() {
    return waiting.isEmpty() && !lock.hasQueuedThreads() && lock.tryLock();
  }

  /** Whether the holder, who has had its time slice, is to give the processor to somebody else. */
  boolean isDue() {
    return expired || lock.hasQueuedThreads();
  }

  /**
   * Waits for the processor and takes it, or what {@code other} gives, which is asked once in a
   * time slice while the caller is the first.
   */
  LogicalProcessor take(Supplier<@Nullable LogicalProcessor> other) {
    Thread me = Thread.currentThread();
    boolean interrupted = false;
    waiting.add(me);
    while (waiting.peek() != me) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    LogicalProcessor taken = null;
    for (long since = System.nanoTime(); taken == null; ) {
      long left = SLICE_NANOS - (System.nanoTime() - since);
      if (lock.hasQueuedThreads()) {
        left = Math.clamp(left, 1, YIELD_NANOS);
      } else if (lock.tryLock()) {
        taken = lp;
        continue;
      }
      if (left > 0) {
        LockSupport.parkNanos(this, left);
        interrupted |= Thread.interrupted();
      } else {
        expired = true;
        lp.kick();
        since = System.nanoTime();
        taken = other.get();
      }
    }
    expired = false;
    waiting.remove();
    wakeFirst();
    if (interrupted) {
      me.interrupt();
    }
    return taken;
  }

  /** Gives the processor back. */
  void release() {
    lock.unlock();
    wakeFirst();
  }

  /** Has the first look: the processor may be free, or it may have become the first. */
  void wakeFirst() {
    Thread first = waiting.peek();
    if (first != null) {
      LockSupport.unpark(first);
    }
  }
}
