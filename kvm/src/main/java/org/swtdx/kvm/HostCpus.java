package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;

/**
 * The host's scheduler: lends logical processors to threads. A thread that holds one is that
 * processor until it gives it back; a guest running on a processor that somebody waits for is
 * kicked out after a time slice. Lock order: a processor is acquired before any MMU lock.
 */
final class HostCpus {
  private final List<LogicalProcessor> processors;
  private final List<RunQueue> queues;
  private final ProcessorCalls calls;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicIntegerArray offline;

  HostCpus(List<LogicalProcessor> processors) {
    this.processors = processors;
    queues = processors.stream().map(RunQueue::new).toList();
    calls = new ProcessorCalls(processors.size());
    offline = new AtomicIntegerArray(processors.size());
  }

  /** Processors that are there, those offline included. */
  int count() {
    return processors.size();
  }

  /** Picks the processor a new vCPU shall run on, spreading vCPUs over all of them. */
  LogicalProcessor assign() {
    return processors.get(Math.floorMod(next.getAndIncrement(), processors.size()));
  }

  private RunQueue queue(LogicalProcessor lp) {
    return queues.get(lp.index());
  }

  /**
   * Takes a processor: {@code last} if it is free, else another one that is, else whichever of them
   * comes first while the caller waits in {@code last}'s queue.
   */
  LogicalProcessor acquire(LogicalProcessor last) {
    LogicalProcessor taken = takeFree(last);
    while (taken == null) {
      taken = ifOnline(queue(onlineFrom(last)).take(() -> takeFree(last)));
    }
    return taken;
  }

  /** Tries {@code first} and then the others; nobody who waits for one of them is passed by. */
  private @Nullable LogicalProcessor takeFree(LogicalProcessor first) {
    for (int i = 0; i < processors.size(); i++) {
      LogicalProcessor lp = before(first, i);
      if (isOnline(lp) && queue(lp).tryTake()) {
        LogicalProcessor taken = ifOnline(lp);
        if (taken != null) {
          return taken;
        }
      }
    }
    return null;
  }

  private LogicalProcessor before(LogicalProcessor lp, int distance) {
    return processors.get(Math.floorMod(lp.index() - distance, processors.size()));
  }

  /** {@code lp}, which the caller holds, unless it went offline: then it is given back. */
  private @Nullable LogicalProcessor ifOnline(LogicalProcessor lp) {
    if (isOnline(lp)) {
      return lp;
    }
    release(lp);
    return null;
  }

  private LogicalProcessor onlineFrom(LogicalProcessor lp) {
    int distance = 0;
    while (!isOnline(before(lp, distance))) {
      distance++;
    }
    return before(lp, distance);
  }

  /** Takes {@code lp} and no other, waiting for it if it is in use. */
  void acquireExactly(LogicalProcessor lp) {
    if (!queue(lp).tryTake()) {
      queue(lp).take(() -> null);
    }
  }

  /** Takes some processor, a free one if there is one. */
  LogicalProcessor acquireAny() {
    return acquire(processors.getLast());
  }

  /** Gives a processor back. */
  void release(LogicalProcessor lp) {
    calls.serve(lp);
    queue(lp).release();
  }

  /** Whether the holder of {@code lp} is to give it to somebody who waits for it. */
  boolean contended(LogicalProcessor lp) {
    return queue(lp).isDue();
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

  /** Runs {@code action} on {@code target}; see {@link ProcessorCalls#call}. */
  void call(LogicalProcessor target, @Nullable LogicalProcessor here, Runnable action) {
    calls.call(target, here, action);
    queue(target).wakeFirst(); // the call may have taken the processor for a moment
  }

  /** Takes the interrupts that others sent to {@code here}, which the caller holds. */
  void serve(LogicalProcessor here) {
    calls.serve(here);
  }

  /** One processor of each package that has one online. */
  List<LogicalProcessor> packages() {
    List<LogicalProcessor> result = new ArrayList<>();
    for (LogicalProcessor lp : processors) {
      boolean first = result.isEmpty() || result.getLast().packageId() != lp.packageId();
      if (first && isOnline(lp)) {
        result.add(lp);
      }
    }
    return result;
  }

  // ---- hot-plug ----

  boolean isOnline(LogicalProcessor lp) {
    return offline.get(lp.index()) == 0;
  }

  /**
   * Takes a processor offline: nobody is lent it any more.
   *
   * @param keysInUse whether each package needs a processor that can retire a KeyID
   * @param leave what the processor does last
   * @return 0, -EINVAL if there is no such processor online, or -EBUSY if it is the last one
   */
  synchronized int takeOffline(int index, boolean keysInUse, Consumer<LogicalProcessor> leave) {
    if (index < 0 || index >= processors.size() || offline.get(index) != 0) {
      return -EINVAL;
    }
    LogicalProcessor lp = processors.get(index);
    boolean lastOfAll = true;
    boolean lastOfPackage = true;
    for (LogicalProcessor other : processors) {
      if (other != lp && isOnline(other)) {
        lastOfAll = false;
        lastOfPackage &= other.packageId() != lp.packageId();
      }
    }
    if (lastOfAll || lastOfPackage && keysInUse) {
      return -EBUSY;
    }
    acquireExactly(lp);
    try {
      offline.set(index, 1);
      leave.accept(lp);
    } finally {
      release(lp);
    }
    return 0;
  }

  /** Takes a processor online again: 0, or -EINVAL if there is no such processor offline. */
  synchronized int takeOnline(int index) {
    boolean known = index >= 0 && index < processors.size();
    return known && offline.compareAndSet(index, 1, 0) ? 0 : -EINVAL;
  }
}
