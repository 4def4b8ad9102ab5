package org.swtdx.kvm;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The signals of the thread in KVM_RUN, as sets in which bit n - 1 is signal n. Those that
 * KVM_SET_SIGNAL_MASK blocks stay pending and end no run. Any thread.
 */
final class Signals {
  /** A signal that nothing blocks. */
  static final int KILL = 9;

  private static final int STOP = 19;
  private static final long NEVER_BLOCKED = bit(KILL) | bit(STOP);

  private final AtomicLong pending = new AtomicLong();
  private volatile long blocked;

  private static long bit(int signal) {
    return 1L << signal - 1;
  }

  /** Makes a signal pending. */
  void raise(int signal) {
    pending.getAndUpdate(set -> set | bit(signal));
  }

  /** Sets which signals are blocked during KVM_RUN. */
  void block(long set) {
    blocked = set & ~NEVER_BLOCKED;
  }

  /** Whether one that is not blocked is pending. */
  boolean arrived() {
    return (pending.get() & ~blocked) != 0;
  }

  /** Delivers those that are not blocked; whether there were any. */
  boolean deliver() {
    return arrived() && (pending.getAndUpdate(set -> set & blocked) & ~blocked) != 0;
  }
}
