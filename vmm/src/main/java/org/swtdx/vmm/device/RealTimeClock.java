package org.swtdx.vmm.device;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.swtdx.cpu.Environment;
import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.vmm.bus.PortDevice;

/**
 * MC146818-compatible clock and 128 bytes of CMOS memory behind ports 0x70 (index) and 0x71 (data).
 * The clock runs in UTC and raises the periodic, alarm and update-ended interrupts. Memory sizes
 * stand where PC firmware looks for them.
 */
public final class RealTimeClock implements PortDevice {
  private static final int REGISTER_A = 0x0a;
  private static final int REGISTER_B = 0x0b;
  private static final int REGISTER_C = 0x0c;
  private static final int REGISTER_D = 0x0d;
  private static final int CENTURY = 0x32;
  private static final int B_SET = 0x80;
  private static final int B_BINARY = 4;
  private static final int B_24_HOURS = 2;
  private static final long UPDATE_MICROS = 244;

  private final Environment environment;
  private final byte[] cells = new byte[128];
  private final ClockInterrupts interrupts;
  private int index;
  private long offsetSeconds;

  /**
   * Creates a clock.
   *
   * @param environment the wall clock
   * @param timers sets the alarms
   * @param line its interrupt
   * @param lowMemory bytes of RAM below 4 GiB
   * @param highMemory bytes of RAM from 4 GiB up
   * @param cpus number of CPUs
   */
  public RealTimeClock(
      Environment environment,
      ChipClock timers,
      InterruptLine line,
      long lowMemory,
      long highMemory,
      int cpus) {
    this.environment = environment;
    cells[REGISTER_A] = 0x26;
    cells[REGISTER_B] = B_24_HOURS;
    cells[REGISTER_D] = (byte) 0x80;
    put16(0x15, 640);
    long kibAbove1M = Math.min((lowMemory - (1 << 20)) >> 10, 65535);
    put16(0x17, (int) kibAbove1M);
    put16(0x30, (int) kibAbove1M);
    put16(0x34, (int) Math.min(Math.max(lowMemory - (16 << 20), 0) >> 16, 65535));
    int high = (int) (highMemory >> 16);
    put16(0x5b, high);
    cells[0x5d] = (byte) (high >>> 16);
    cells[0x5f] = (byte) (cpus - 1);
    cells[0x37] = 0x20;
    cells[CENTURY] = 0x20;
    interrupts = new ClockInterrupts(timers, line, new Face());
    interrupts.control(0x26, B_24_HOURS);
  }

  private void put16(int at, int value) {
    cells[at] = (byte) value;
    cells[at + 1] = (byte) (value >>> 8);
  }

  @Override
  public int readByte(int offset) {
    if (offset == 0) {
      return 0xff;
    }
    return switch (index) {
      case 0, 2, 4, 6, 7, 8, 9, CENTURY -> timeField(index);
      case REGISTER_A -> cells[REGISTER_A] & 0x7f | (updating() ? 0x80 : 0);
      case REGISTER_C -> interrupts.takeFlags();
      default -> cells[index] & 0xff;
    };
  }

  @Override
  public void writeByte(int offset, int value) {
    if (offset == 0) {
      index = value & 0x7f;
      return;
    }
    switch (index) {
      case 0, 2, 4, 6, 7, 8, 9, CENTURY -> writeTime(value);
      case REGISTER_A -> {
        cells[REGISTER_A] = (byte) (value & 0x7f);
        interrupts.control(value & 0x7f, cells[REGISTER_B] & 0xff);
      }
      case REGISTER_B -> writeControl(value);
      case REGISTER_C, REGISTER_D -> {} // read-only
      default -> cells[index] = (byte) value;
    }
  }

  /** While the clock is stopped, its fields are cells; they become the time when it starts. */
  private void writeControl(int value) {
    boolean wasSet = (cells[REGISTER_B] & B_SET) != 0;
    boolean set = (value & B_SET) != 0;
    if (set && !wasSet) {
      freeze();
    }
    cells[REGISTER_B] = (byte) value;
    if (wasSet && !set) {
      adopt();
    }
    interrupts.control(cells[REGISTER_A] & 0x7f, value);
  }

  private void writeTime(int value) {
    boolean running = (cells[REGISTER_B] & B_SET) == 0;
    if (running) {
      freeze();
    }
    cells[index] = (byte) value;
    if (running) {
      adopt();
    }
  }

  private int timeField(int field) {
    if ((cells[REGISTER_B] & B_SET) != 0) {
      return cells[field] & 0xff;
    }
    return encode(field, now());
  }

  private void freeze() {
    LocalDateTime now = now();
    for (int field : new int[] {0, 2, 4, 6, 7, 8, 9, CENTURY}) {
      cells[field] = (byte) encode(field, now);
    }
  }

  private void adopt() {
    int year = decode(cells[9]) + 100 * decode(cells[CENTURY]);
    try {
      LocalDateTime time =
          LocalDateTime.of(
              year,
              decode(cells[8]),
              decode(cells[7]),
              hours(),
              decode(cells[2]),
              decode(cells[0]));
      offsetSeconds = time.toEpochSecond(ZoneOffset.UTC) - environment.wallClockMillis() / 1000;
      interrupts.timeChanged();
    } catch (DateTimeException e) {
      System.getLogger(RealTimeClock.class.getName())
          .log(System.Logger.Level.DEBUG, "guest set an impossible time: {0}", e.getMessage());
    }
  }

  private long seconds() {
    return environment.wallClockMillis() / 1000 + offsetSeconds;
  }

  private static LocalDateTime at(long second) {
    return LocalDateTime.ofInstant(Instant.ofEpochSecond(second), ZoneOffset.UTC);
  }

  private LocalDateTime now() {
    return at(seconds());
  }

  /** What the alarm compares: its bytes 1, 3 and 5, of which 0xc0 and above match anything. */
  private final class Face implements ClockInterrupts.Dial {
    @Override
    public long seconds() {
      return RealTimeClock.this.seconds();
    }

    @Override
    public long nanosToNextSecond() {
      return (1000 - environment.wallClockMillis() % 1000) * 1_000_000L;
    }

    @Override
    public boolean isAlarm(long second) {
      LocalDateTime time = at(second);
      for (int field = 0; field <= 4; field += 2) {
        int wanted = cells[field + 1] & 0xff;
        if (wanted < 0xc0 && wanted != encode(field, time)) {
          return false;
        }
      }
      return true;
    }
  }

  private boolean updating() {
    return environment.wallClockMillis() % 1000 == 999
        && environment.nanoTime() / 1000 % 1000 >= 1000 - UPDATE_MICROS;
  }

  private int encode(int field, LocalDateTime time) {
    return switch (field) {
      case 0 -> number(time.getSecond());
      case 2 -> number(time.getMinute());
      case 4 -> encodeHour(time.getHour());
      case 6 -> number(time.getDayOfWeek().getValue() % 7 + 1);
      case 7 -> number(time.getDayOfMonth());
      case 8 -> number(time.getMonthValue());
      case 9 -> number(time.getYear() % 100);
      default -> number(time.getYear() / 100);
    };
  }

  private int encodeHour(int hour) {
    if ((cells[REGISTER_B] & B_24_HOURS) != 0) {
      return number(hour);
    }
    return number((hour + 11) % 12 + 1) | (hour >= 12 ? 0x80 : 0);
  }

  private int hours() {
    if ((cells[REGISTER_B] & B_24_HOURS) != 0) {
      return decode(cells[4]);
    }
    return decode((byte) (cells[4] & 0x7f)) % 12 + ((cells[4] & 0x80) != 0 ? 12 : 0);
  }

  private int number(int value) {
    return (cells[REGISTER_B] & B_BINARY) != 0 ? value : value / 10 << 4 | value % 10;
  }

  private int decode(byte cell) {
    int value = cell & 0xff;
    return (cells[REGISTER_B] & B_BINARY) != 0 ? value : (value >>> 4) * 10 + (value & 0xf);
  }
}
