package org.swtdx.kvm;

import java.util.OptionalLong;
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
  private volatile OptionalLong mask = OptionalLong.empty();

  private static long bit(int signal) {
    return 1L << signal - 1;
  }

  /** Makes a signal pending. */
  void raise(int signal) {
    pending.getAndUpdate(set -> set | bit(signal));
  }

  /** Sets which signals are blocked during KVM_RUN: none, or those that the thread blocks. */
  void mask(OptionalLong set) {
    blocked = set.orElse(0) & ~NEVER_BLOCKED;
    mask = set.isPresent() ? OptionalLong.of(blocked) : set;
  }

  /** Which signals are blocked during KVM_RUN in the place of those that the thread blocks. */
  OptionalLong mask() {
    return mask;
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
