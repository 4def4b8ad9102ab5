package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;

/**
 * Functions that one thread runs on another's logical processor, as an interprocessor interrupt
 * makes it do. Whoever is that processor runs them where interrupts would be taken: between two
 * entries, between two batches of SEAMCALLs, and before it gives the processor back.
 */
final class ProcessorCalls {
  private static final int SPINS = 200;
  private static final long NAP_NANOS = 20_000;

  private final List<Queue<Call>> queues = new ArrayList<>();

  private static final class Call {
    final Runnable action;
    final Thread caller = Thread.currentThread();
    volatile boolean done;

    Call(Runnable action) {
      this.action = action;
    }
  }

  ProcessorCalls(int processors) {
    for (int i = 0; i < processors; i++) {
      queues.add(new ConcurrentLinkedQueue<>());
    }
  }

  /**
   * Runs {@code action} on {@code target} and returns when it is done. The action takes no lock and
   * calls nobody.
   *
   * @param here the processor that the caller holds, whose own calls it serves while it waits
   */
  void call(LogicalProcessor target, @Nullable LogicalProcessor here, Runnable action) {
    if (target == here) {
      action.run();
      return;
    }
    Call call = new Call(action);
    queues.get(target.index()).add(call);
    for (int spins = 0; !call.done; spins++) {
      if (target.occupancy().tryLock()) {
        try {
          serve(target);
        } finally {
          target.occupancy().unlock();
        }
        continue;
      }
      target.kick();
      if (here != null) {
        serve(here);
      }
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, NAP_NANOS);
      }
    }
  }

  /** Runs what others want done on {@code here}; the caller holds it. */
  void serve(LogicalProcessor here) {
    Queue<Call> queue = queues.get(here.index());
    for (Call call = queue.poll(); call != null; call = queue.poll()) {
      call.action.run();
      call.done = true;
      LockSupport.unpark(call.caller);
    }
  }
}
