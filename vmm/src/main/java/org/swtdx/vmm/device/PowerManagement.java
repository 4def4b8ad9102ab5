package org.swtdx.vmm.device;

import org.swtdx.cpu.Environment;
import org.swtdx.vmm.bus.PortDevice;

/**
 * The ACPI fixed registers of ICH9 at PMBASE (ICH9 data sheet, 13.8.3; ACPI 4.8.3): PM1 status,
 * enable and control, the 24-bit timer at 3.579545 MHz, and GPE0. ACPI mode is always on; sleep
 * state S5 switches the machine off.
 */
public final class PowerManagement implements PortDevice {
  /** Number of ports. */
  public static final int PORTS = 128;

  /** Frequency of the timer in Hz. */
  public static final long TIMER_HZ = 3_579_545;

  /** Sleep type that means S5. */
  public static final int SLEEP_TYPE_S5 = 0;

  private static final int TIMER = 8;
  private static final int CONTROL_SCI_ENABLE = 1;
  private static final int CONTROL_SLEEP = 1 << 13;
  private static final int STATUS_TIMER = 1;
  private static final int CONTROL_BYTE = 5;

  private final Environment environment;
  private final Runnable powerOff;
  private final byte[] registers = new byte[PORTS];
  private final long start;
  private long lastHalfPeriod;
  private int status;
  private int control = CONTROL_SCI_ENABLE;

  /**
   * Creates the registers.
   *
   * @param environment the clock
   * @param powerOff called when the guest enters S5
   */
  public PowerManagement(Environment environment, Runnable powerOff) {
    this.environment = environment;
    this.powerOff = powerOff;
    start = environment.nanoTime();
  }

  /** Ticks of the timer since power-on, not cut to 24 bits. */
  private long ticks() {
    long nanos = environment.nanoTime() - start;
    return nanos / 1_000_000_000L * TIMER_HZ + nanos % 1_000_000_000L * TIMER_HZ / 1_000_000_000L;
  }

  @Override
  public int read(int offset, int size) {
    if (offset == TIMER && size == 4) {
      return (int) (ticks() & 0xffffff);
    }
    return PortDevice.super.read(offset, size);
  }

  @Override
  public int readByte(int offset) {
    return switch (offset) {
      case 0, 1 -> timerStatus() >>> 8 * offset & 0xff;
      case 4, CONTROL_BYTE -> control >>> 8 * (offset - 4) & 0xff;
      case 8, 9, 10 -> (int) (ticks() >>> 8 * (offset - TIMER)) & 0xff;
      case 11 -> 0;
      default -> registers[offset] & 0xff;
    };
  }

  @Override
  public void writeByte(int offset, int value) {
    switch (offset) {
      case 0, 1 -> status = timerStatus() & ~(value << 8 * offset); // write one to clear
      case 4 -> control = control & 0xff00 | value | CONTROL_SCI_ENABLE;
      case CONTROL_BYTE -> writeSleep(value << 8);
      case 8, 9, 10, 11 -> {} // the timer is read-only
      case 0x20, 0x21, 0x22, 0x23 -> registers[offset] &= (byte) ~value; // GPE0 status
      default -> registers[offset] = (byte) value;
    }
  }

  private void writeSleep(int value) {
    control = control & 0xff | value & ~CONTROL_SLEEP;
    boolean s5 = (value >>> 10 & 7) == SLEEP_TYPE_S5;
    if ((value & CONTROL_SLEEP) != 0 && s5) {
      powerOff.run();
    }
  }

  /** The timer's status bit is set whenever its bit 23 has changed (ACPI 4.8.3.3). */
  private int timerStatus() {
    long half = ticks() >>> 23;
    if (half != lastHalfPeriod) {
      lastHalfPeriod = half;
      status |= STATUS_TIMER;
    }
    return status;
  }
}
