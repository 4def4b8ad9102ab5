package org.swtdx.kvm;

import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The timer of a local APIC: one-shot, periodic or TSC-deadline, SDM Vol. 3A 11.5.4. All methods
 * may be called from any thread.
 */
final class ApicTimer {
  private static final int ONE_SHOT = 0;
  private static final int PERIODIC = 1;
  private static final int TSC_DEADLINE = 2;

  /** Shorter periods would only starve the guest. */
  private static final long MIN_PERIOD_NANOS = 200_000;

  private final HostTimers timers;
  private final Vcpu vcpu;
  private final Runnable expiry;
  private int mode;
  private int initialCount;
  private int divider = 2;
  private long startNanos;
  private long deadlineNanos;
  private long tscDeadline;
  private boolean armed;
  private int generation;
  private @Nullable Future<?> pending;

  /**
   * Creates a stopped timer.
   *
   * @param expiry delivers the timer's local vector
   */
  ApicTimer(HostTimers timers, Vcpu vcpu, Runnable expiry) {
    this.timers = timers;
    this.vcpu = vcpu;
    this.expiry = expiry;
  }

  private long nanos(long counts) {
    long ticks = counts * divider;
    return Math.multiplyHigh(ticks, vcpu.vm().options.busCycleNanos) != 0
        ? Long.MAX_VALUE / 2
        : ticks * vcpu.vm().options.busCycleNanos;
  }

  /** Sets the mode from bits 18:17 of the LVT; a change to or from TSC-deadline stops the timer. */
  synchronized void mode(int newMode) {
    if ((newMode == TSC_DEADLINE) != (mode == TSC_DEADLINE)) {
      cancel();
      initialCount = 0;
      tscDeadline = 0;
    }
    mode = newMode;
  }

  /** Sets the divide configuration register's divisor. */
  synchronized void divide(int register) {
    int shift = (register & 3 | (register & 8) >>> 1) + 1 & 7;
    long left = currentCount() & 0xffff_ffffL;
    divider = 1 << shift;
    if (armed && mode != TSC_DEADLINE) {
      start(nanos(left));
    }
  }

  /** Writes the initial count, which starts or, with 0, stops the timer. */
  synchronized void initialCount(int count) {
    if (mode == TSC_DEADLINE) {
      return;
    }
    cancel();
    initialCount = count;
    if (count != 0) {
      start(period());
    }
  }

  /**
   * Goes on from a current count, if the initial one has started the timer. At 0 a period begins
   * anew, and a one-shot timer is due; nobody can tell whether it has been.
   */
  synchronized void goOn(int count) {
    if (armed && mode != TSC_DEADLINE && (count != 0 || mode != PERIODIC)) {
      start(Math.min(nanos(count & 0xffff_ffffL), period()));
    }
  }

  private long period() {
    long nanos = nanos(initialCount & 0xffff_ffffL);
    return mode == PERIODIC ? Math.max(nanos, MIN_PERIOD_NANOS) : nanos;
  }

  synchronized int initialCount() {
    return initialCount;
  }

  /** The current count. */
  synchronized int currentCount() {
    if (!armed || mode == TSC_DEADLINE) {
      return 0;
    }
    long left = deadlineNanos - timers.now();
    return left <= 0 ? 0 : (int) (left / (vcpu.vm().options.busCycleNanos * divider));
  }

  /** Writes IA32_TSC_DEADLINE; 0 disarms. */
  void tscDeadline(long value) {
    if (armDeadline(value)) {
      expiry.run(); // it has passed: at once, not when a timer gets round to it
    }
  }

  /** Sets a deadline; returns whether it has passed. */
  private synchronized boolean armDeadline(long value) {
    if (mode != TSC_DEADLINE) {
      return false;
    }
    cancel();
    tscDeadline = 0;
    if (value == 0) {
      return false;
    }
    long ticks = value - vcpu.guestTsc();
    if (ticks <= 0) {
      return true;
    }
    tscDeadline = value;
    long khz = vcpu.tscKhz();
    start(ticks / khz * 1_000_000 + ticks % khz * 1_000_000 / khz);
    return false;
  }

  synchronized long tscDeadline() {
    return mode == TSC_DEADLINE ? tscDeadline : 0;
  }

  private void start(long nanos) {
    startNanos = timers.now();
    deadlineNanos = startNanos + nanos;
    schedule();
  }

  private void schedule() {
    if (pending != null) {
      pending.cancel(false);
    }
    armed = true;
    int mine = ++generation;
    pending = timers.at(deadlineNanos, () -> fire(mine));
  }

  private void cancel() {
    armed = false;
    generation++;
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
  }

  private void fire(int mine) {
    synchronized (this) {
      if (mine != generation || !armed) {
        return;
      }
      if (mode == PERIODIC) {
        deadlineNanos = Math.max(deadlineNanos, timers.now() - period()) + period();
        schedule();
      } else {
        armed = false;
        tscDeadline = 0;
        if (mode == ONE_SHOT) {
          deadlineNanos = startNanos;
        }
      }
    }
    expiry.run();
  }

  /** Stops the timer for good or until it is programmed again. */
  synchronized void stop() {
    cancel();
  }
}
