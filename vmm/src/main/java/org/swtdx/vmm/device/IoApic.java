package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.MmioDevice;

/**
 * The I/O APIC in user space: 24 inputs whose redirection entries turn into message-signalled
 * interrupts (82093AA data sheet, with the EOI register of version 0x20).
 */
public final class IoApic implements MmioDevice {
  /** Takes interrupt messages. */
  @FunctionalInterface
  public interface MessageSink {
    /**
     * Sends a message.
     *
     * @param address the message's address, from 0xfee00000
     * @param data the message's data
     */
    void send(long address, int data);
  }

  /** Hears that redirection entries have changed, so that KVM's routes can follow. */
  @FunctionalInterface
  public interface RouteListener {
    /** An entry has changed. */
    void changed();
  }

  /** Guest physical address of the registers. */
  public static final long BASE = 0xfec00000L;

  /** Bytes of the registers. */
  public static final long SIZE = 0x1000;

  /** Number of inputs. */
  public static final int PINS = 24;

  private static final long MASKED = 1 << 16;
  private static final long LEVEL = 1 << 15;
  private static final long REMOTE_IRR = 1 << 14;
  private static final long DELIVERY_STATUS = 1 << 12;
  private static final long READ_ONLY = REMOTE_IRR | DELIVERY_STATUS;
  private static final int VERSION = 0x20 | PINS - 1 << 16;
  private static final int EXTINT = 7;

  private final MessageSink sink;
  private final RouteListener listener;
  private final long[] entries = new long[PINS];
  private final boolean[] level = new boolean[PINS];
  private int select;
  private int id;

  /**
   * Creates an I/O APIC with all inputs masked.
   *
   * @param sink takes the messages
   * @param listener hears of changed entries
   */
  public IoApic(MessageSink sink, RouteListener listener) {
    this.sink = sink;
    this.listener = listener;
    java.util.Arrays.fill(entries, MASKED);
  }

  /** Returns the line into an input. */
  public InterruptLine line(int pin) {
    return active -> drive(pin, active);
  }

  private void drive(int pin, boolean active) {
    boolean rising = active && !level[pin];
    level[pin] = active;
    boolean levelTriggered = (entries[pin] & LEVEL) != 0;
    if (levelTriggered ? active : rising) {
      deliver(pin);
    }
  }

  private void deliver(int pin) {
    long entry = entries[pin];
    boolean waiting = (entry & LEVEL) != 0 && (entry & REMOTE_IRR) != 0;
    if ((entry & MASKED) != 0 || waiting || (entry >>> 8 & 7) == EXTINT) {
      return;
    }
    if ((entry & LEVEL) != 0) {
      entries[pin] |= REMOTE_IRR;
    }
    sink.send(address(pin), data(pin));
  }

  /** Whether an input is masked. */
  public boolean masked(int pin) {
    return (entries[pin] & MASKED) != 0;
  }

  /**
   * The message address of an input: destination, extended destination, and destination mode.
   *
   * @param pin the input
   */
  public long address(int pin) {
    long entry = entries[pin];
    long destination = entry >>> 56 << 12 | (entry >>> 48 & 0xfe) << 4;
    return 0xfee00000L | destination | (entry >>> 11 & 1) << 2;
  }

  /**
   * The message data of an input: vector, delivery mode, trigger mode.
   *
   * @param pin the input
   */
  public int data(int pin) {
    long entry = entries[pin];
    int trigger = (entry & LEVEL) != 0 ? 0xc000 : 0;
    return (int) (entry & 0xff) | (int) (entry >>> 8 & 7) << 8 | trigger;
  }

  /**
   * A CPU has ended an interrupt; level-triggered inputs with its vector are looked at again.
   *
   * @param vector the interrupt's vector
   */
  public void endOfInterrupt(int vector) {
    for (int pin = 0; pin < PINS; pin++) {
      boolean matches = (entries[pin] & REMOTE_IRR) != 0 && (entries[pin] & 0xff) == vector;
      if (matches) {
        entries[pin] &= ~REMOTE_IRR;
        if (level[pin]) {
          deliver(pin);
        }
      }
    }
  }

  @Override
  public long read(long offset, int size) {
    return switch ((int) offset) {
      case 0 -> select;
      case 0x10 -> Integer.toUnsignedLong(readRegister());
      default -> 0;
    };
  }

  @Override
  public void write(long offset, int size, long value) {
    switch ((int) offset) {
      case 0 -> select = (int) value & 0xff;
      case 0x10 -> writeRegister((int) value);
      case 0x40 -> endOfInterrupt((int) value & 0xff);
      default -> {} // nothing there
    }
  }

  private int readRegister() {
    if (select == 0 || select == 2) {
      return id << 24;
    }
    if (select == 1) {
      return VERSION;
    }
    int pin = (select - 0x10) / 2;
    if (select < 0x10 || pin >= PINS) {
      return 0;
    }
    return (int) ((select & 1) == 0 ? entries[pin] : entries[pin] >>> 32);
  }

  private void writeRegister(int value) {
    if (select == 0) {
      id = value >>> 24 & 0xf;
      return;
    }
    int pin = (select - 0x10) / 2;
    if (select < 0x10 || pin >= PINS) {
      return;
    }
    long before = entries[pin];
    if ((select & 1) == 0) {
      long low = Integer.toUnsignedLong(value) & ~READ_ONLY & 0x1ffff;
      long kept = (low & LEVEL) != 0 ? before & READ_ONLY : 0;
      entries[pin] = before & 0xffffffff00000000L | low | kept;
    } else {
      entries[pin] = before & 0xffffffffL | (long) value << 32;
    }
    if (entries[pin] != before) {
      listener.changed();
    }
    if ((entries[pin] & LEVEL) != 0 && level[pin]) {
      deliver(pin);
    }
  }
}
