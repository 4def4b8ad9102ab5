package org.swtdx.exec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.SeccompListener.Notification;

/** A system call of the program that is being answered. */
final class Call {
  private static final ThreadLocal<@Nullable Call> CURRENT = new ThreadLocal<>();
  private static final int ARGUMENTS = 6;

  private final SeccompListener listener;
  private final long id;
  private final int tid;
  private final int number;
  private final long[] arguments;

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

  /** Where it came from. */
  SeccompListener listener() {
    return listener;
  }

  /** Its cookie. */
  long id() {
    return id;
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

  /** Ends the call; false when the caller no longer waits for it. */
  boolean answer(long result) {
    return listener.answer(id, result);
  }

  /** Has the kernel carry out the call. */
  void letThrough() {
    listener.letThrough(id);
  }
}
