package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.SeccompListener.Notification;
import org.swtdx.exec.linux.Syscall;

/**
 * The threads that receive calls and answer them. A notification wakes every thread that waits for
 * one, on the caller's processor or another, so only as many wait as are needed: one, unless
 * several vCPUs exit often. The others rest. Who received a call answers it; while nobody waits,
 * that has to be quick: before what may take long, {@link #handOn} has another wait, and the watch
 * does when something took long after all.
 */
final class Receivers implements AutoCloseable {
  private static final int MOST_RESTING = 8;
  private static final long QUICK_NANOS = 50_000;
  private static final int MOST_WAITING =
      Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  /** A thread that rests between two times of receiving. */
  private static final class Rest {
    final Thread thread = Thread.currentThread();
    volatile boolean over;
  }

  private final SeccompListener listener;
  private final Consumer<Call> answer;
  private final RunWatch watch;
  private final Queue<Rest> resting = new ConcurrentLinkedQueue<>();

  /** How many threads are in receive or on their way there. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** Who uses the listener: this object and the threads. The last one closes it. */
  private final AtomicInteger users = new AtomicInteger(1);

  private volatile int wanted = 1;

  /** When the call was received that nobody has waited since; good while nobody waits. */
  private volatile long alone;

  private volatile boolean closed;

  /**
   * Begins to receive.
   *
   * @param answer answers a call, and does not throw
   * @param watch what calls {@link #look}
   */
  Receivers(SeccompListener listener, Consumer<Call> answer, RunWatch watch) {
    this.listener = listener;
    this.answer = answer;
    this.watch = watch;
    watch.start(this);
    handOn();
  }

  /** Has another thread wait if none does: the calling one may take long. */
  void handOn() {
    if (waiting.get() == 0 && waiting.compareAndSet(0, 1)) {
      wakeOne();
    }
  }

  /** Whether a call that comes now finds a thread that waits. */
  boolean isAttended() {
    return waiting.get() > 0;
  }

  /**
   * Sees to it that calls find somebody.
   *
   * @param now the time, as of System.nanoTime
   * @param busy how many vCPUs have exited lately
   */
  void look(long now, int busy) {
    int most = Math.clamp(busy, 1, MOST_WAITING);
    int more = most - wanted;
    wanted = most;
    for (; more > 0; more--) {
      waiting.incrementAndGet();
      wakeOne();
    }
    if (waiting.get() == 0 && now - alone > QUICK_NANOS) {
      handOn();
    }
  }

  private void wakeOne() {
    Rest rest = resting.poll();
    if (rest != null) {
      rest.over = true;
      LockSupport.unpark(rest.thread);
    } else if (enter()) {
      try {
        Thread.ofPlatform().daemon().name("swtdx-receiver").start(this::receiveToTheEnd);
      } catch (OutOfMemoryError e) {
        // There is no thread to be had. The watch tries again until there is.
        waiting.decrementAndGet();
        leave();
      }
    }
  }

  private void receiveToTheEnd() {
    try (Arena arena = Arena.ofConfined()) {
      Notification notification = new Notification(arena);
      do {
        if (!receive(notification)) {
          endAll(); // no more calls will come
          return;
        }
      } while (waitAgain());
    } finally {
      leave();
    }
  }

  /** Waits for a call and answers it, unless the wait was for nothing; false at the end of all. */
  private boolean receive(Notification notification) {
    int result = listener.receive(notification);
    int left = waiting.decrementAndGet();
    if (result == 0) {
      Call call = Call.of(listener, notification);
      if (left == 0) {
        alone = call.began();
        watch.wakeUp();
      }
      answer.accept(call);
      return true;
    }
    return (result == -Syscall.EINTR || result == -Syscall.ENOENT) && !listener.hasHungUp(0);
  }

  /** Rests while enough others wait; false when this thread is to end. */
  private boolean waitAgain() {
    while (!closed) {
      int others = waiting.get();
      if (others < wanted) {
        if (waiting.compareAndSet(others, others + 1)) {
          return true;
        }
      } else if (resting.size() >= MOST_RESTING) {
        return false;
      } else if (rest()) {
        return !closed;
      }
    }
    return false;
  }

  /** Rests until told to wait; false when there is something to do at once. */
  private boolean rest() {
    Rest rest = new Rest();
    resting.add(rest);
    if ((closed || !isAttended()) && resting.remove(rest)) {
      return false;
    }
    while (!rest.over) {
      LockSupport.park(this);
    }
    return true;
  }

  private void endAll() {
    closed = true;
    for (Rest rest = resting.poll(); rest != null; rest = resting.poll()) {
      rest.over = true;
      LockSupport.unpark(rest.thread);
    }
  }

  /** Counts one more user of the listener; false when it is closed. */
  private boolean enter() {
    return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) != 0;
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      listener.close();
    }
  }

  /** Ends the threads that rest, and each other one when its wait ends. */
  @Override
  public void close() {
    endAll();
    leave();
  }
}
