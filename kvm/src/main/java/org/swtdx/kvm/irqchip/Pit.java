package org.swtdx.kvm.irqchip;

import org.jspecify.annotations.Nullable;

/**
 * The 8254 timer at ports 0x40 to 0x43 and port 0x61, which holds the gate of its channel 2 (8254
 * data sheet). Channel 0 drives an interrupt line.
 */
public final class Pit {
  /** Takes the level of channel 0's output. */
  @FunctionalInterface
  public interface Line {
    /**
     * The output has a level.
     *
     * @param active the level
     */
    void set(boolean active);
  }

  private static final int CHANNELS = 3;
  private static final int COMMAND = 0x43;
  private static final int GATE_PORT = 0x61;
  private static final int READ_BACK = 3;
  private static final long REFRESH_NANOS = 15_085;

  /** Shorter periods would only starve the guest. */
  private static final long MIN_PERIOD_NANOS = 200_000;

  private final ChipClock clock;
  private final Line line;
  private final PitChannel[] channels = new PitChannel[CHANNELS];
  private boolean speaker;
  private boolean lineOff;
  private ChipClock.@Nullable Alarm alarm;
  private int generation;

  /**
   * Creates the timer; its channels count, but no alarm is set until channel 0 is programmed.
   *
   * @param clock the clock
   * @param line takes the output of channel 0
   */
  public Pit(ChipClock clock, Line line) {
    this.clock = clock;
    this.line = line;
    for (int i = 0; i < CHANNELS; i++) {
      channels[i] = new PitChannel(clock, i != 2);
    }
  }

  /** Whether a port belongs to the timer. */
  public static boolean claims(int port) {
    return port >= 0x40 && port <= COMMAND || port == GATE_PORT;
  }

  /** Reads a port that {@link #claims} names; the command port reads as all ones. */
  public int readPort(int port) {
    if (port == GATE_PORT) {
      int refresh = (int) (clock.nanoTime() / REFRESH_NANOS & 1) << 4;
      int output = channels[2].output() ? 0x20 : 0;
      return (channels[2].gate() ? 1 : 0) | (speaker ? 2 : 0) | refresh | output;
    }
    return port == COMMAND ? 0xff : channels[port & 3].read();
  }

  /** Writes a port that {@link #claims} names. */
  public void writePort(int port, int value) {
    if (port == GATE_PORT) {
      speaker = (value & 2) != 0;
      channels[2].gate((value & 1) != 0);
    } else if (port != COMMAND) {
      if (channels[port & 3].write(value) && port == 0x40) {
        rearm();
      }
    } else if (value >>> 6 == READ_BACK) {
      readBack(value);
    } else {
      channels[value >>> 6].command(value);
      if (value >>> 6 == 0 && (value & 0x30) != 0) {
        cancel();
        line.set(false);
      }
    }
  }

  private void readBack(int value) {
    for (int i = 0; i < CHANNELS; i++) {
      if ((value & 2 << i) != 0) {
        channels[i].latch((value & 0x20) == 0, (value & 0x10) == 0);
      }
    }
  }

  private void cancel() {
    generation++;
    if (alarm != null) {
      alarm.cancel();
      alarm = null;
    }
  }

  /** Sets the alarm for channel 0, whose count was just loaded. */
  private void rearm() {
    cancel();
    PitChannel channel = channels[0];
    if (!channel.counting()) {
      return;
    }
    if (channel.mode() == 0) {
      line.set(false);
    }
    long period = PitChannel.nanos(channel.count());
    schedule(channel.loadTime() + period, channel.periodic() ? period : 0);
  }

  private void schedule(long deadline, long period) {
    int mine = generation;
    alarm =
        clock.at(
            deadline,
            () -> {
              if (mine == generation) {
                expired(deadline, period);
              }
            });
  }

  /** Channel 0 reached its count: a rising edge of its output. */
  private void expired(long deadline, long period) {
    if (period != 0) {
      schedule(deadline + Math.max(period, MIN_PERIOD_NANOS), period);
    }
    if (lineOff) {
      return;
    }
    line.set(true);
    if (channels[0].mode() != 0) {
      line.set(false);
    }
  }

  /** Disconnects channel 0 from its line, as HPET's legacy replacement does, or connects it. */
  public void disconnectLine(boolean off) {
    lineOff = off;
  }

  /** Whether channel 0 is disconnected. */
  public boolean lineDisconnected() {
    return lineOff;
  }

  /** Bit 1 of port 0x61. */
  public boolean speaker() {
    return speaker;
  }

  /** Sets bit 1 of port 0x61. */
  public void speaker(boolean on) {
    speaker = on;
  }

  /** A channel, 0 to 2. */
  public PitChannel channel(int index) {
    return channels[index];
  }

  /** Starts channel 0's alarm again after {@link PitChannel#load}. */
  public void restart() {
    rearm();
  }

  /** Stops the alarm for good. */
  public void stop() {
    cancel();
  }
}
