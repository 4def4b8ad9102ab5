package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.swtdx.cpu.LogicalProcessor;

/**
 * The host's scheduler: lends logical processors to threads. A thread that holds one is that
 * processor until it gives it back; a guest running on a processor that somebody waits for is
 * kicked out after a time slice. Lock order: a processor is acquired before any MMU lock.
 */
final class HostCpus {
  private static final long SLICE_MILLIS = 2;

  private final List<LogicalProcessor> processors;
  private final AtomicInteger next = new AtomicInteger();

  HostCpus(List<LogicalProcessor> processors) {
    this.processors = processors;
  }

  int count() {
    return processors.size();
  }

  /** Picks the processor a new vCPU shall run on, spreading vCPUs over all of them. */
  LogicalProcessor assign() {
    return processors.get(Math.floorMod(next.getAndIncrement(), processors.size()));
  }

  /** Takes {@code lp}, waiting and interrupting its guest if it is in use. */
  void acquire(LogicalProcessor lp) {
    ReentrantLock lock = lp.occupancy();
    if (lock.tryLock()) {
      return;
    }
    boolean interrupted = false;
    while (true) {
      try {
        if (lock.tryLock(SLICE_MILLIS, TimeUnit.MILLISECONDS)) {
          break;
        }
        lp.kick();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes some processor, a free one if there is one. */
  LogicalProcessor acquireAny() {
    for (int i = processors.size() - 1; i >= 0; i--) {
      LogicalProcessor lp = processors.get(i);
      if (lp.occupancy().tryLock()) {
        return lp;
      }
    }
    LogicalProcessor lp = processors.getLast();
    acquire(lp);
    return lp;
  }

  /** Gives a processor back. */
  void release(LogicalProcessor lp) {
    lp.occupancy().unlock();
  }

  /** Whether somebody waits for {@code lp}. */
  boolean contended(LogicalProcessor lp) {
    return lp.occupancy().hasQueuedThreads();
  }

  /** Runs host code that executes SEAMCALLs on some processor. */
  <R> R onAny(Function<LogicalProcessor, R> action) {
    LogicalProcessor lp = acquireAny();
    try {
      return action.apply(lp);
    } finally {
      release(lp);
    }
  }

  /** One processor of each package. */
  List<LogicalProcessor> packages() {
    List<LogicalProcessor> result = new ArrayList<>();
    for (LogicalProcessor lp : processors) {
      if (lp.packageId() == result.size()) {
        result.add(lp);
      }
    }
    return result;
  }
}
