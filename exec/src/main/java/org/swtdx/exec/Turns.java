package org.swtdx.exec;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What has to be known of each thread between its calls. Threads that have ended are forgotten now
 * and then, so that there are never many more than live ones.
 */
final class Turns {
  private static final int FEW = 256;

  /** An answer that a thread did not get because a signal ended its call. */
  private record Missed(Call call, long result) {}

  /**
   * Lets one call of a thread be carried out at a time, and none after a later one: a call that a
   * signal ended may come to its turn when the thread has long gone on.
   */
  static final class Turn {
    final ReentrantLock lock = new ReentrantLock();
    private final AtomicReference<@Nullable Call> latest = new AtomicReference<>();
    private volatile long ended = System.nanoTime();
    private final AtomicReference<@Nullable Call> sender = new AtomicReference<>();
    private @Nullable Missed missed;

    /** Takes note that a call was answered. */
    void end() {
      ended = System.nanoTime();
    }

    /** When the last call was answered, as of System.nanoTime. */
    long ended() {
      return ended;
    }

    /** The thread is about to get a signal, which its next calls have to wait for. */
    void expectSignal(Call from) {
      sender.set(from);
    }

    /** A call of the thread waits for the signal, or none is to. */
    void expectNoSignal(Call from) {
      sender.compareAndSet(from, null);
    }

    /** Takes note of a call before its turn. */
    void arrived(Call call) {
      Call from = sender.get();
      if (from != null && !(from.isUnderway() && call.expectSignal(from))) {
        expectNoSignal(from);
      }
      latest.accumulateAndGet(
          call, (known, next) -> known == null || next.isLaterThan(known) ? next : known);
    }

    /** Whether no later call of the thread has arrived. */
    boolean isLatest(Call call) {
      return latest.get() == call;
    }

    /** Keeps an answer that did not reach the caller. With the lock. */
    void keep(Call call, long result) {
      missed = new Missed(call, result);
    }

    /**
     * The answer that the thread did not get when it made the same call last; null if there is
     * none. It is given once. With the lock.
     */
    @Nullable Long takeMissed(Call call) {
      Missed known = missed;
      missed = null;
      return known != null && call.repeats(known.call) ? Long.valueOf(known.result) : null;
    }
  }

  private final Map<Integer, Turn> turns = new ConcurrentHashMap<>();
  private final IntPredicate alive;
  private volatile int most = FEW;

  /** Knows no thread yet; {@code alive} tells whether one has not ended. */
  Turns(IntPredicate alive) {
    this.alive = alive;
  }

  /** That of a thread; null when it has made no call. */
  @Nullable Turn known(int tid) {
    return turns.get(tid);
  }

  /** That of a thread. */
  Turn of(int tid) {
    Turn known = turns.get(tid);
    if (known != null) {
      return known;
    }
    if (turns.size() >= most) {
      forgetEnded();
    }
    return turns.computeIfAbsent(tid, _ -> new Turn());
  }

  private synchronized void forgetEnded() {
    if (turns.size() >= most) {
      turns.keySet().removeIf(tid -> !alive.test(tid));
      most = Math.max(FEW, 2 * turns.size());
    }
  }

  /** How many threads are known. */
  int size() {
    return turns.size();
  }
}
