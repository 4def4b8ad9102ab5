package org.swtdx.exec;

import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PendingSignals;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.SeccompListener.Notification;
import org.swtdx.exec.linux.Syscall;

/** A system call of the program that is being answered. */
final class Call {
  private static final ThreadLocal<@Nullable Call> CURRENT = new ThreadLocal<>();
  private static final int ARGUMENTS = 6;
  private static final int LOOK_MILLIS = 1;

  /**
   * {@code ERESTARTNOINTR}: a task with something to do before it goes on starts its call again.
   */
  private static final int RESTART = -513;

  /** How long a signal takes to arrive when its sender goes on, and when nothing is known. */
  private static final long SENDING_NANOS = 1_000_000, SIGNAL_NANOS = 100_000_000;

  private final SeccompListener listener;
  private final long id;
  private final int tid;
  private final int number;
  private final long[] arguments;
  private final long began = System.nanoTime();

  /** The call that sends a signal which the answer waits for; this one when it is being given. */
  private final AtomicReference<@Nullable Call> signal = new AtomicReference<>();

  private volatile boolean letThrough;
  private volatile long goesOn;
  private volatile boolean lost;
  private int process;

  private Call(SeccompListener listener, long id, int tid, int number, long[] arguments) {
    this.listener = listener;
    this.id = id;
    this.tid = tid;
    this.number = number;
    this.arguments = arguments;
  }

  static Call of(SeccompListener listener, Notification from) {
    long[] arguments = new long[ARGUMENTS];
    for (int i = 0; i < ARGUMENTS; i++) {
      arguments[i] = from.argument(i);
    }
    return new Call(listener, from.id(), from.tid(), from.number(), arguments);
  }

  /** The call that this thread answers; null outside of one. */
  static @Nullable Call current() {
    return CURRENT.get();
  }

  static void current(@Nullable Call call) {
    if (call == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(call);
    }
  }

  /**
   * The task through which a process's memory and descriptors are reached: the thread whose call
   * this thread answers, if it is one of the process. (The first thread may have ended, and have
   * neither.)
   */
  static int taskOf(int pid) {
    Call call = CURRENT.get();
    return call != null && call.process == pid ? call.tid : pid;
  }

  /** Takes note of the caller's process. */
  void isOf(LentProcess caller) {
    process = caller.pid();
  }

  /** Where it came from. */
  SeccompListener listener() {
    return listener;
  }

  /** Its cookie. */
  long id() {
    return id;
  }

  /** Whether the kernel told of it after another; cookies count up. */
  boolean isLaterThan(Call other) {
    return id - other.id > 0;
  }

  /** The thread that called. */
  int tid() {
    return tid;
  }

  /** Number of the system call. */
  int number() {
    return number;
  }

  /** Whether it is the same call with the same arguments. */
  boolean repeats(Call other) {
    return number == other.number && Arrays.equals(arguments, other.arguments);
  }

  long argument(int index) {
    return arguments[index];
  }

  int intArgument(int index) {
    return (int) arguments[index];
  }

  /**
   * Takes a lock that an earlier call of the same thread, which a signal ended, may hold; false
   * when this call was ended too before its turn came, so that calls do not pile up.
   */
  boolean lock(ReentrantLock lock) {
    if (lock.tryLock()) {
      return true;
    }
    try {
      while (listener.isValid(id)) {
        if (lock.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          if (listener.isValid(id)) {
            return true;
          }
          lock.unlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Ends the call; false when the caller no longer waits for it. */
  boolean answer(long result) {
    awaitSignal();
    return listener.answer(id, result);
  }

  /**
   * The caller is about to get a signal, which is to be there when the call ends; false when it has
   * ended, or awaits another one.
   *
   * @param sender the call that sends it, and waits itself as yet
   */
  boolean expectSignal(Call sender) {
    Call known = signal.get();
    boolean free = known == null || known != this && !known.isUnderway();
    return known == sender || free && signal.compareAndSet(known, sender);
  }

  /** The signal that the caller is about to get has come. */
  void hasSignal() {
    signal.set(this);
  }

  /**
   * What a call that sends a signal sends: its number is the last argument, or that before data.
   */
  int signal() {
    return intArgument(number == Syscall.KILL || number == Syscall.RT_SIGQUEUEINFO ? 1 : 2);
  }

  @SuppressWarnings("ThreadPriorityCheck") // the sender may need this CPU to get there
  private void awaitSignal() {
    Call sender = signal.getAndSet(this);
    if (sender == null || sender == this) {
      return;
    }
    try (PendingSignals signals = new PendingSignals(tid, tid)) {
      while (!signals.arePending(OptionalLong.empty())
          && !signals.isStale()
          && signals.wouldBeTaken(sender.signal())
          && sender.isUnderway()
          && listener.isValid(id)) {
        Thread.yield();
      }
    }
  }

  /** Whether the signal that this call sends may be still to come. */
  boolean isUnderway() {
    long now = System.nanoTime();
    if (!letThrough || goesOn == 0 && listener.isReturning(id) && now - began < SIGNAL_NANOS) {
      return true;
    }
    if (goesOn == 0) {
      goesOn = now | 1;
    }
    return now - goesOn < SENDING_NANOS;
  }

  /**
   * Ends the call; the caller, which a tracer has interrupted, makes it again when it goes on. The
   * result that is found meanwhile is for that one.
   */
  void restart() {
    listener.answer(id, RESTART);
  }

  /** When it was received, as of System.nanoTime. */
  long began() {
    return began;
  }

  /** How long it has been answered for, in nanoseconds. */
  long age() {
    return System.nanoTime() - began;
  }

  /** Whether it failed because it had been ended: made again, it is to be carried out anew. */
  boolean isLost() {
    return lost;
  }

  /**
   * Gives the caller a copy of a descriptor of ours.
   *
   * @return its number there, or a negative error number
   */
  int give(int ours, boolean closeOnExec) {
    int fd = listener.addDescriptor(id, ours, closeOnExec);
    if (fd == -Syscall.ENOENT || fd == -Syscall.EINPROGRESS) {
      lost = true; // it is gone, or restart() has just answered it
    }
    return fd;
  }

  /** Has the kernel carry out the call. */
  void letThrough() {
    awaitSignal();
    listener.letThrough(id);
    letThrough = true;
  }
}
