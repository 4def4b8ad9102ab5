package org.swtdx.kvm.irqchip;

/** The clock of a chip with timers. */
public interface ChipClock {
  /** Nanoseconds of a monotonic clock. */
  long nanoTime();

  /**
   * Sets an alarm.
   *
   * @param deadline when, on this clock; at once if it has passed
   * @param action what to run, on another thread, under the lock that guards the chip
   */
  Alarm at(long deadline, Runnable action);

  /** An alarm that was set. */
  @FunctionalInterface
  interface Alarm {
    /** Takes it back; an action that is already on its way may still run. */
    void cancel();
  }
}
