package org.swtdx.exec;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PendingSignals;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;

/**
 * The calls that are being answered, one of each thread, and the signals that their callers are
 * about to get. A signal that comes when nobody has received the call yet ends it with EINTR, which
 * of KVM's ioctls only KVM_RUN may give; a VMM that kicks its vCPUs' threads takes it for a
 * failure. So the sender waits until the other's call is received, and the answer of that call for
 * the signal. A thread that makes no calls just then is not waited for.
 */
final class InFlight {
  /** A thread whose last call ended so lately may be about to make another. */
  private static final long LATELY_NANOS = 2_000_000;

  /** How often is looked what the thread does, whose next call is waited for. */
  private static final long LOOK_NANOS = 300_000;

  /** How long is waited for a thread that runs, and for the receipt of a call that it has made. */
  private static final long RUNNING_NANOS = 2_000_000, CALLING_NANOS = 50_000_000;

  /** A call that sends a signal, and waits for one of the other thread. */
  private record Sender(Call call, CountDownLatch released) {}

  private final Map<Integer, Call> calls = new ConcurrentHashMap<>();

  /** By thread, who waits for its next call; each gets another one. */
  private final Map<Integer, Queue<Sender>> senders = new ConcurrentHashMap<>();

  /** Begins to answer a call. */
  void begin(Call call) {
    calls.put(call.tid(), call);
    if (!senders.isEmpty()) {
      senders.computeIfPresent(call.tid(), (_, waiting) -> release(call, waiting));
    }
  }

  private static @Nullable Queue<Sender> release(Call call, Queue<Sender> waiting) {
    Sender first = waiting.peek();
    if (first != null && call.expectSignal(first.call)) {
      waiting.remove();
      first.released.countDown();
    }
    return waiting.isEmpty() ? null : waiting;
  }

  /** The call was answered. */
  void end(Call call) {
    calls.remove(call.tid(), call);
  }

  /** That of a thread; null when none is being answered. */
  @Nullable Call of(int tid) {
    return calls.get(tid);
  }

  /**
   * Waits until a signal can be sent to a thread: its call, if it makes any, ends after that.
   *
   * @param sender the call that sends it
   * @param turn what is known of the thread
   * @param receivers who receives the call that is waited for
   */
  void awaitTurn(Call sender, int tid, int signal, Turns.Turn turn, Receivers receivers) {
    Call call = of(tid);
    if (call != null && call.expectSignal(sender)) {
      return;
    }
    boolean calls = call != null || System.nanoTime() - turn.ended() < LATELY_NANOS;
    if ((calls || Tasks.activity(tid) == Syscall.IOCTL)
        && PendingSignals.wouldInterrupt(tid, signal)) {
      receivers.handOn();
      turn.expectSignal(sender);
      if (awaitNext(new Sender(sender, new CountDownLatch(1)), tid)) {
        turn.expectNoSignal(sender);
      }
    }
  }

  /** Waits for a call of the thread, to which the signal can be sent; false when none comes. */
  private boolean awaitNext(Sender sender, int tid) {
    senders.compute(tid, (_, waiting) -> add(tid, sender, waiting));
    try {
      long start = System.nanoTime();
      while (!sender.released.await(LOOK_NANOS, TimeUnit.NANOSECONDS)) {
        Call call = of(tid);
        if (call != null && call.expectSignal(sender.call)) {
          return true; // the one that it awaited before does not come
        }
        if (System.nanoTime() - start >= patience(Tasks.activity(tid))) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      senders.computeIfPresent(
          tid, (_, waiting) -> waiting.remove(sender) && waiting.isEmpty() ? null : waiting);
    }
  }

  private static long patience(int activity) {
    return switch (activity) {
      case Syscall.IOCTL -> CALLING_NANOS;
      case Tasks.RUNNING -> RUNNING_NANOS;
      default -> 0;
    };
  }

  /** Adds a sender, and releases the first if a call arrived before it could see that. */
  private @Nullable Queue<Sender> add(int tid, Sender sender, @Nullable Queue<Sender> known) {
    Queue<Sender> waiting = known != null ? known : new ArrayDeque<>();
    waiting.add(sender);
    Call call = of(tid);
    return call != null ? release(call, waiting) : waiting;
  }
}
