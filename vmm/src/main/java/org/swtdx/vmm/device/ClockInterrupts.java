package org.swtdx.vmm.device;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.irqchip.ChipClock;

/**
 * The events of the real-time clock: periodic, alarm and update-ended, their flags in register C
 * and the interrupt. Flags are set as time passes, whether or not anybody asked for the interrupt.
 */
final class ClockInterrupts {
  /** What the clock shows. */
  interface Dial {
    /** Seconds since 1970 as the guest set the clock. */
    long seconds();

    /** Nanoseconds until the next second. */
    long nanosToNextSecond();

    /** Whether the alarm is set to a second. */
    boolean isAlarm(long second);
  }

  private static final int PERIODIC = 0x40;
  private static final int ALARM = 0x20;
  private static final int UPDATE = 0x10;
  private static final int ANY = PERIODIC | ALARM | UPDATE;
  private static final int REQUEST = 0x80;
  private static final int HALTED = 0x80;
  private static final int DIVIDER = 0x70;
  private static final int DIVIDER_ON = 0x20;
  private static final long SECOND = 1_000_000_000L;
  private static final int LONGEST_CATCH_UP = 86_400;

  private final ChipClock clock;
  private final InterruptLine line;
  private final Dial dial;
  private int registerA;
  private int registerB;
  private int flags;
  private long periodStart;
  private long periods;
  private long second;
  private ChipClock.@Nullable Alarm alarm;

  ClockInterrupts(ChipClock clock, InterruptLine line, Dial dial) {
    this.clock = clock;
    this.line = line;
    this.dial = dial;
    second = dial.seconds();
    periodStart = clock.nanoTime();
  }

  /** Takes new values of registers A and B. */
  void control(int newA, int newB) {
    collect();
    if (newA != registerA) {
      periodStart = clock.nanoTime();
      periods = 0;
    }
    registerA = newA;
    registerB = newB;
    second = dial.seconds();
    signal();
    rearm();
  }

  /** The time was set. */
  void timeChanged() {
    second = dial.seconds();
    rearm();
  }

  /** Register C; reading it clears it and ends the interrupt. */
  int takeFlags() {
    collect();
    int result = flags;
    flags = 0;
    line.set(false);
    return result;
  }

  private long period() {
    int rate = registerA & 15;
    boolean off = rate == 0 || (registerA & DIVIDER) != DIVIDER_ON;
    return off ? 0 : (SECOND << (rate <= 2 ? rate + 6 : rate - 1)) / 32768;
  }

  /** Sets the flags of what has happened since the last time. */
  private void collect() {
    long period = period();
    if (period != 0) {
      long now = (clock.nanoTime() - periodStart) / period;
      flags |= now != periods ? PERIODIC : 0;
      periods = now;
    }
    long now = dial.seconds();
    if (now != second && (registerB & HALTED) == 0) {
      flags |= UPDATE;
      for (long s = Math.max(second + 1, now - LONGEST_CATCH_UP); s <= now; s++) {
        flags |= dial.isAlarm(s) ? ALARM : 0;
      }
    }
    second = now;
  }

  private void signal() {
    if ((flags & registerB & ANY) != 0) {
      flags |= REQUEST;
      line.set(true);
    }
  }

  private void rearm() {
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
    long next = Long.MAX_VALUE;
    long period = period();
    long now = clock.nanoTime();
    if ((registerB & PERIODIC) != 0 && period != 0) {
      next = periodStart + (periods + 1) * period;
    }
    if ((registerB & (ALARM | UPDATE)) != 0 && (registerB & HALTED) == 0) {
      next = Math.min(next, now + dial.nanosToNextSecond());
    }
    if (next != Long.MAX_VALUE) {
      alarm = clock.at(next, this::expired);
    }
  }

  private void expired() {
    collect();
    signal();
    rearm();
  }
}
