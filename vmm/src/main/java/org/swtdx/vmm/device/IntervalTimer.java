package org.swtdx.vmm.device;

import org.swtdx.cpu.Environment;
import org.swtdx.vmm.bus.PortDevice;

/**
 * The 8254 timer at ports 0x40 to 0x43, and the gate and output of its channel 2 at port 0x61. The
 * channels count at 1.193182 MHz in modes 0, 2, 3 and 4; channel 0 raises no interrupt because
 * systems on this machine use the local APIC's timer.
 */
public final class IntervalTimer implements PortDevice {
  /** Frequency of the channels in Hz. */
  public static final long HZ = 1_193_182;

  private static final int CHANNELS = 3;
  private static final int COMMAND = 3;
  private static final int READ_BACK = 3;

  private final Environment environment;
  private final Channel[] channels = {new Channel(true), new Channel(true), new Channel(false)};
  private int speaker;

  /**
   * Creates the timer.
   *
   * @param environment the clock
   */
  public IntervalTimer(Environment environment) {
    this.environment = environment;
  }

  /**
   * Port 0x61: gate and speaker in bits 0 and 1, output of channel 2 in bit 5, refresh in bit 4.
   */
  public PortDevice gatePort() {
    return new PortDevice() {
      @Override
      public int readByte(int offset) {
        int output = channels[2].output() ? 0x20 : 0;
        int refresh = (int) (environment.nanoTime() / 15_085 & 1) << 4;
        return speaker | output | refresh;
      }

      @Override
      public void writeByte(int offset, int value) {
        speaker = value & 3;
        channels[2].gate((value & 1) != 0);
      }
    };
  }

  @Override
  public int readByte(int offset) {
    return offset < CHANNELS ? channels[offset].read() : 0xff;
  }

  @Override
  public void writeByte(int offset, int value) {
    if (offset < COMMAND) {
      channels[offset].write(value);
    } else if (value >>> 6 == READ_BACK) {
      readBack(value);
    } else {
      channels[value >>> 6].command(value);
    }
  }

  private void readBack(int value) {
    for (int i = 0; i < CHANNELS; i++) {
      if ((value & 2 << i) != 0) {
        channels[i].latch((value & 0x20) == 0, (value & 0x10) == 0);
      }
    }
  }

  /** One of the three counters. */
  private final class Channel {
    private int access = 3;
    private int mode = 3;
    private int reload = 0x10000;
    private int latched = -1;
    private int latchedStatus = -1;
    private int lowByte;
    private boolean highNext;
    private boolean readHighNext;
    private boolean gate;
    private long start;
    private long stopped;

    Channel(boolean gate) {
      this.gate = gate;
    }

    private long ticks() {
      if (!gate) {
        return stopped;
      }
      long nanos = environment.nanoTime() - start;
      return nanos / 1_000_000_000L * HZ + nanos % 1_000_000_000L * HZ / 1_000_000_000L;
    }

    void command(int value) {
      int newAccess = value >>> 4 & 3;
      if (newAccess == 0) {
        latch(true, false);
        return;
      }
      access = newAccess;
      int wanted = value >>> 1 & 7;
      mode = wanted > 5 ? wanted & 3 : wanted;
      highNext = false;
      readHighNext = false;
      latched = -1;
    }

    void gate(boolean open) {
      if (open && !gate) {
        start = environment.nanoTime();
      } else if (!open && gate) {
        stopped = ticks();
      }
      gate = open;
    }

    void write(int value) {
      switch (access) {
        case 1 -> load(value);
        case 2 -> load(value << 8);
        default -> {
          if (highNext) {
            load(lowByte | value << 8);
          } else {
            lowByte = value;
          }
          highNext = !highNext;
        }
      }
    }

    private void load(int value) {
      reload = value == 0 ? 0x10000 : value;
      start = environment.nanoTime();
      stopped = 0;
    }

    private int current() {
      long elapsed = ticks();
      return switch (mode) {
        case 2 -> (int) (reload - elapsed % reload) & 0xffff;
        case 3 -> (int) (reload - 2 * elapsed % reload) & 0xfffe;
        default -> (int) (reload - elapsed) & 0xffff;
      };
    }

    boolean output() {
      long elapsed = ticks();
      return switch (mode) {
        case 2 -> elapsed % reload != reload - 1;
        case 3 -> elapsed % reload < (reload + 1) / 2;
        default -> elapsed >= reload;
      };
    }

    void latch(boolean countWanted, boolean statusWanted) {
      if (countWanted && latched < 0) {
        latched = current();
      }
      if (statusWanted && latchedStatus < 0) {
        latchedStatus = (output() ? 0x80 : 0) | access << 4 | mode << 1;
      }
    }

    int read() {
      if (latchedStatus >= 0) {
        int status = latchedStatus;
        latchedStatus = -1;
        return status;
      }
      int value = latched >= 0 ? latched : current();
      boolean high = access == 2 || access == 3 && readHighNext;
      readHighNext = access == 3 && !readHighNext;
      if (!readHighNext) {
        latched = -1;
      }
      return high ? value >>> 8 & 0xff : value & 0xff;
    }
  }
}
