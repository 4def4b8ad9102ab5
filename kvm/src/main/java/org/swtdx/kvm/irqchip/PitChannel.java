package org.swtdx.kvm.irqchip;

import org.swtdx.kvm.uapi.KvmPitChannelState;

/** One counter of an 8254. Counts run by the clock; nothing happens between accesses. */
public final class PitChannel {
  /** Frequency in Hz. */
  public static final long HZ = 1_193_182;

  private static final long SECOND = 1_000_000_000L;
  private static final int LOW = 1;
  private static final int HIGH = 2;
  private static final int BOTH = 3;

  private final ChipClock clock;
  private int count = 0x10000;
  private boolean counting = true;
  private int access = BOTH;
  private int mode = 3;
  private boolean bcd;
  private boolean gate;
  private boolean writeHigh;
  private boolean readHigh;
  private int writeLatch;
  private int latched;
  private boolean countLatched;
  private int status;
  private boolean statusLatched;
  private long loadTime;
  private long frozen;

  PitChannel(ChipClock clock, boolean gate) {
    this.clock = clock;
    this.gate = gate;
    loadTime = clock.nanoTime();
  }

  static long nanos(long ticks) {
    return ticks / HZ * SECOND + ticks % HZ * SECOND / HZ;
  }

  private long ticks() {
    if (!gate && mode != 1 && mode != 5) {
      return frozen;
    }
    long nanos = clock.nanoTime() - loadTime;
    return nanos / SECOND * HZ + nanos % SECOND * HZ / SECOND;
  }

  boolean counting() {
    return counting;
  }

  int count() {
    return count;
  }

  int mode() {
    return mode;
  }

  boolean periodic() {
    return mode == 2 || mode == 3;
  }

  long loadTime() {
    return loadTime;
  }

  boolean gate() {
    return gate;
  }

  /** A rising gate starts modes 1, 2, 3 and 5 anew; a low one stops the others. */
  void gate(boolean open) {
    if (open == gate) {
      return;
    }
    long elapsed = ticks();
    gate = open;
    if (!open) {
      frozen = elapsed;
    } else if (mode == 0 || mode == 4) {
      loadTime = clock.nanoTime() - nanos(elapsed);
    } else {
      loadTime = clock.nanoTime();
    }
  }

  /** A control word that names this channel. */
  void command(int value) {
    int newAccess = value >>> 4 & 3;
    if (newAccess == 0) {
      latch(true, false);
      return;
    }
    access = newAccess;
    int wanted = value >>> 1 & 7;
    mode = wanted > 5 ? wanted & 3 : wanted;
    bcd = (value & 1) != 0;
    writeHigh = false;
    readHigh = false;
    countLatched = false;
    counting = false;
  }

  /** Writes a byte of the count; returns whether the count is complete. */
  boolean write(int value) {
    if (access == BOTH && !writeHigh) {
      writeLatch = value;
      writeHigh = true;
      return false;
    }
    int bits =
        switch (access) {
          case LOW -> value;
          case HIGH -> value << 8;
          default -> writeLatch | value << 8;
        };
    writeHigh = false;
    int decoded = bcd ? fromBcd(bits) : bits;
    count = decoded == 0 ? bcd ? 10_000 : 0x10000 : decoded;
    loadTime = clock.nanoTime();
    frozen = 0;
    counting = true;
    return true;
  }

  private static int fromBcd(int bits) {
    int value = 0;
    for (int shift = 12; shift >= 0; shift -= 4) {
      value = value * 10 + (bits >>> shift & 0xf);
    }
    return value;
  }

  private static int toBcd(int value) {
    int bits = 0;
    for (int shift = 0, rest = value; shift < 16; shift += 4, rest /= 10) {
      bits |= rest % 10 << shift;
    }
    return bits;
  }

  private int current() {
    if (!counting) {
      return 0;
    }
    long elapsed = ticks();
    int wrap = bcd ? 10_000 : 0x10000;
    int value =
        switch (mode) {
          case 2 -> (int) (count - elapsed % count);
          case 3 -> (int) (count - 2 * elapsed % count) & ~1;
          default -> (int) Math.floorMod(count - elapsed, (long) wrap);
        };
    return bcd ? toBcd(value % wrap) : value & 0xffff;
  }

  boolean output() {
    if (!counting) {
      return mode != 0;
    }
    long elapsed = ticks();
    return switch (mode) {
      case 0 -> elapsed >= count;
      case 1 -> elapsed >= count;
      case 2 -> elapsed % count != count - 1;
      case 3 -> elapsed % count < (count + 1) / 2;
      default -> elapsed != count;
    };
  }

  void latch(boolean countWanted, boolean statusWanted) {
    if (countWanted && !countLatched) {
      latched = current();
      countLatched = true;
    }
    if (statusWanted && !statusLatched) {
      int nothingLoaded = counting ? 0 : 0x40;
      status = (output() ? 0x80 : 0) | nothingLoaded | access << 4 | mode << 1 | (bcd ? 1 : 0);
      statusLatched = true;
    }
  }

  int read() {
    if (statusLatched) {
      statusLatched = false;
      return status;
    }
    int value = countLatched ? latched : current();
    boolean high = access == HIGH || access == BOTH && readHigh;
    readHigh = access == BOTH && !readHigh;
    if (!readHigh) {
      countLatched = false;
    }
    return high ? value >>> 8 & 0xff : value & 0xff;
  }

  private int stateOf(boolean highNext) {
    return access != BOTH ? access : highNext ? 4 : 3;
  }

  /** Returns the state. */
  public KvmPitChannelState save() {
    int pending = countLatched ? readHigh ? HIGH : access : 0;
    return new KvmPitChannelState(
        counting ? count : 0,
        latched,
        pending,
        statusLatched ? 1 : 0,
        status,
        stateOf(readHigh),
        stateOf(writeHigh),
        writeLatch,
        access,
        mode,
        bcd ? 1 : 0,
        gate ? 1 : 0,
        gate ? loadTime : clock.nanoTime() - nanos(frozen));
  }

  /** Takes over a state; {@link Pit#restart} must follow. */
  public void load(KvmPitChannelState state) {
    counting = state.count() != 0;
    count = counting ? Math.min(state.count() & 0x1ffff, 0x10000) : 0x10000;
    latched = state.latchedCount() & 0xffff;
    countLatched = state.countLatched() != 0;
    status = state.status() & 0xff;
    statusLatched = state.statusLatched() != 0;
    access = (state.rwMode() & 3) == 0 ? BOTH : state.rwMode() & 3;
    readHigh = state.readState() == 4;
    writeHigh = state.writeState() == 4;
    writeLatch = state.writeLatch() & 0xff;
    mode = Math.min(state.mode() & 7, 5);
    bcd = state.bcd() != 0;
    gate = state.gate() != 0;
    loadTime = state.loadTime();
    frozen = 0;
  }
}
