package org.swtdx.kvm.irqchip;

import java.util.Arrays;

/**
 * The 82093AA I/O APIC: 24 inputs whose redirection entries turn into interrupt messages. Version
 * 0x20 has the end-of-interrupt register at offset 0x40, version 0x11 has not.
 */
public final class IoApic {
  /** Takes interrupt messages. */
  @FunctionalInterface
  public interface MessageSink {
    /**
     * Sends a message.
     *
     * @param address the message's address, from 0xfee00000
     * @param data the message's data
     * @return how many local APICs took it; 0 or less if none did
     */
    int send(long address, int data);
  }

  /** Hears that redirection entries have changed. */
  @FunctionalInterface
  public interface RouteListener {
    /** Hears nothing. */
    RouteListener NONE = () -> {};

    /** An entry has changed. */
    void changed();
  }

  /** Guest physical address of the registers. */
  public static final long BASE = 0xfec00000L;

  /** Bytes of the registers. */
  public static final long SIZE = 0x1000;

  /** Number of inputs. */
  public static final int PINS = 24;

  /** The version that KVM's I/O APIC has. */
  public static final int VERSION_KVM = 0x11;

  /** The version with an end-of-interrupt register. */
  public static final int VERSION_EOI = 0x20;

  private static final long MASKED = 1 << 16;
  private static final long LEVEL = 1 << 15;
  private static final long REMOTE_IRR = 1 << 14;
  private static final long DELIVERY_STATUS = 1 << 12;
  private static final long READ_ONLY = REMOTE_IRR | DELIVERY_STATUS;
  private static final int EXTINT = 7;

  private final int version;
  private final MessageSink sink;
  private final RouteListener listener;
  private final long[] entries = new long[PINS];
  private int levels;
  private int select;
  private int id;

  /**
   * Creates an I/O APIC with all inputs masked.
   *
   * @param version {@link #VERSION_KVM} or {@link #VERSION_EOI}
   * @param sink takes the messages
   * @param listener hears of changed entries
   */
  public IoApic(int version, MessageSink sink, RouteListener listener) {
    this.version = version;
    this.sink = sink;
    this.listener = listener;
    Arrays.fill(entries, MASKED);
  }

  /**
   * Drives an input.
   *
   * @param pin the input
   * @param level its level
   * @return 1 or more if it was taken, 0 if it joined one that is still in service, -1 if masked
   */
  public int setPin(int pin, boolean level) {
    int bit = 1 << pin;
    boolean rising = level && (levels & bit) == 0;
    levels = level ? levels | bit : levels & ~bit;
    if (!level) {
      return 1;
    }
    if (!levelTriggered(pin) && !rising) {
      return 0;
    }
    return deliver(pin);
  }

  private int deliver(int pin) {
    long entry = entries[pin];
    if ((entry & MASKED) != 0 || (entry >>> 8 & 7) == EXTINT) {
      return -1;
    }
    if (levelTriggered(pin) && (entry & REMOTE_IRR) != 0) {
      return 0;
    }
    int taken = sink.send(address(pin), data(pin));
    if (levelTriggered(pin) && taken > 0) {
      entries[pin] |= REMOTE_IRR;
    }
    return taken;
  }

  private boolean levelTriggered(int pin) {
    return (entries[pin] & LEVEL) != 0;
  }

  /** Whether an input is masked. */
  public boolean masked(int pin) {
    return (entries[pin] & MASKED) != 0;
  }

  /** Whether some unmasked input is level-triggered, so that ends of interrupts matter. */
  public boolean needsEndOfInterrupt() {
    for (long entry : entries) {
      if ((entry & (MASKED | LEVEL)) == LEVEL || (entry & REMOTE_IRR) != 0) {
        return true;
      }
    }
    return false;
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

  /** The pins, by bit, whose level-triggered interrupt {@code vector} is being serviced. */
  public int pinsInService(int vector) {
    int pins = 0;
    for (int pin = 0; pin < PINS; pin++) {
      boolean matches = (entries[pin] & REMOTE_IRR) != 0 && (entries[pin] & 0xff) == vector;
      pins |= matches ? 1 << pin : 0;
    }
    return pins;
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
        if ((levels >>> pin & 1) != 0) {
          deliver(pin);
        }
      }
    }
  }

  /** Reads a register; only whole doublewords at offsets 0 and 0x10 give anything. */
  public long read(long offset) {
    return switch ((int) offset) {
      case 0 -> select;
      case 0x10 -> Integer.toUnsignedLong(readRegister());
      default -> 0;
    };
  }

  /** Writes a register. */
  public void write(long offset, long value) {
    switch ((int) offset) {
      case 0 -> select = (int) value & 0xff;
      case 0x10 -> writeRegister((int) value);
      case 0x40 -> {
        if (version >= VERSION_EOI) {
          endOfInterrupt((int) value & 0xff);
        }
      }
      default -> {} // nothing there
    }
  }

  private int readRegister() {
    if (select == 0 || select == 2) {
      return id << 24;
    }
    if (select == 1) {
      return version | PINS - 1 << 16;
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
    if (levelTriggered(pin) && (levels >>> pin & 1) != 0) {
      deliver(pin);
    }
  }

  /** The register that the window shows. */
  public int select() {
    return select;
  }

  /** The identifier. */
  public int id() {
    return id;
  }

  /** Levels of the inputs, one bit each. */
  public int levels() {
    return levels;
  }

  /** A redirection entry. */
  public long entry(int pin) {
    return entries[pin];
  }

  /**
   * Takes over a state.
   *
   * @param newSelect {@link #select}
   * @param newId {@link #id}
   * @param newLevels {@link #levels}; level-triggered inputs among them are delivered
   * @param newEntries all entries
   */
  public void load(int newSelect, int newId, int newLevels, long[] newEntries) {
    select = newSelect & 0xff;
    id = newId & 0xf;
    levels = newLevels & (1 << PINS) - 1;
    System.arraycopy(newEntries, 0, entries, 0, PINS);
    listener.changed();
    for (int pin = 0; pin < PINS; pin++) {
      if (levelTriggered(pin) && (levels >>> pin & 1) != 0) {
        deliver(pin);
      }
    }
  }
}
