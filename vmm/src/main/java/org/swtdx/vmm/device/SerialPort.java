package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.PortDevice;

/**
 * A 16550A UART at eight ports (National Semiconductor PC16550D data sheet). Bytes leave at once;
 * what is typed waits in a buffer that the receiver FIFO draws from.
 */
public final class SerialPort implements PortDevice {
  /** Takes transmitted bytes. */
  @FunctionalInterface
  public interface Transmitter {
    /**
     * Takes one byte.
     *
     * @param value 0 to 255
     */
    void send(int value);
  }

  /** Number of ports. */
  public static final int PORTS = 8;

  private static final int FIFO_BYTES = 16;
  private static final int QUEUE_BYTES = 64 * 1024;
  private static final int IER_RECEIVE = 1;
  private static final int IER_TRANSMIT = 2;
  private static final int IER_LINE = 4;
  private static final int LCR_DIVISOR = 0x80;
  private static final int MCR_LOOPBACK = 0x10;
  private static final int LSR_DATA = 1;
  private static final int LSR_OVERRUN = 2;
  private static final int LSR_EMPTY = 0x60;
  private static final int MSR_CONNECTED = 0xb0;
  private static final int[] TRIGGER = {1, 4, 8, 14};

  private final InterruptLine irq;
  private final Transmitter out;
  private final byte[] queue = new byte[QUEUE_BYTES];
  private int head;
  private int count;
  private int divisor = 12;
  private int interruptEnable;
  private int fifoControl;
  private int lineControl = 3;
  private int modemControl;
  private int scratch;
  private boolean overrun;
  private boolean transmitPending;

  /**
   * Creates a UART.
   *
   * @param irq its interrupt
   * @param out takes what the guest sends
   */
  public SerialPort(InterruptLine irq, Transmitter out) {
    this.irq = irq;
    this.out = out;
  }

  /**
   * Receives bytes from outside; what doesn't fit into 64 KiB is lost, as the overrun bit says.
   *
   * @param bytes holds them
   * @param offset index of the first
   * @param length how many
   */
  public void receive(byte[] bytes, int offset, int length) {
    for (int i = 0; i < length; i++) {
      enqueue(bytes[offset + i]);
    }
    update();
  }

  private void enqueue(byte value) {
    if (count == QUEUE_BYTES) {
      overrun = true;
      return;
    }
    queue[(head + count) % QUEUE_BYTES] = value;
    count++;
  }

  @Override
  public int readByte(int offset) {
    boolean latch = (lineControl & LCR_DIVISOR) != 0;
    return switch (offset) {
      case 0 -> latch ? divisor & 0xff : readReceived();
      case 1 -> latch ? divisor >>> 8 : interruptEnable;
      case 2 -> readInterrupt();
      case 3 -> lineControl;
      case 4 -> modemControl;
      case 5 -> readLineStatus();
      case 6 -> modemStatus();
      default -> scratch;
    };
  }

  @Override
  public void writeByte(int offset, int value) {
    boolean latch = (lineControl & LCR_DIVISOR) != 0;
    switch (offset) {
      case 0 -> {
        if (latch) {
          divisor = divisor & 0xff00 | value;
        } else {
          transmit(value);
        }
      }
      case 1 -> {
        if (latch) {
          divisor = divisor & 0xff | value << 8;
        } else {
          transmitPending |= (value & ~interruptEnable & IER_TRANSMIT) != 0;
          interruptEnable = value & 0xf;
        }
      }
      case 2 -> writeFifoControl(value);
      case 3 -> lineControl = value;
      case 4 -> modemControl = value & 0x1f;
      case 7 -> scratch = value;
      default -> {} // the status registers are read-only
    }
    update();
  }

  private void transmit(int value) {
    if ((modemControl & MCR_LOOPBACK) != 0) {
      enqueue((byte) value);
    } else {
      out.send(value);
    }
    transmitPending = true;
  }

  private int readReceived() {
    if (count == 0) {
      return 0;
    }
    int value = queue[head] & 0xff;
    head = (head + 1) % QUEUE_BYTES;
    count--;
    update();
    return value;
  }

  private void writeFifoControl(int value) {
    if ((value & 2) != 0 || ((value ^ fifoControl) & 1) != 0) {
      head = 0;
      count = 0;
    }
    fifoControl = value & 0xc9;
  }

  private int readLineStatus() {
    int status = LSR_EMPTY | (count > 0 ? LSR_DATA : 0) | (overrun ? LSR_OVERRUN : 0);
    overrun = false;
    update();
    return status;
  }

  /** The modem answers CTS, DSR and DCD; in loopback the outputs come back as inputs. */
  private int modemStatus() {
    if ((modemControl & MCR_LOOPBACK) == 0) {
      return MSR_CONNECTED;
    }
    int dtrToDsr = (modemControl & 1) << 5;
    int rtsToCts = (modemControl & 2) << 3;
    int outputs = (modemControl & 0xc) << 4;
    return dtrToDsr | rtsToCts | outputs;
  }

  private int readInterrupt() {
    int cause = cause();
    if (cause == 2) {
      transmitPending = false;
      update();
    }
    return cause | ((fifoControl & 1) != 0 ? 0xc0 : 0);
  }

  /** The pending cause of highest priority, as the identification register codes it. */
  private int cause() {
    if (overrun && (interruptEnable & IER_LINE) != 0) {
      return 6;
    }
    if (count > 0 && (interruptEnable & IER_RECEIVE) != 0) {
      boolean fifo = (fifoControl & 1) != 0;
      int waiting = Math.min(count, FIFO_BYTES);
      return fifo && waiting < TRIGGER[fifoControl >>> 6] ? 0xc : 4;
    }
    return transmitPending && (interruptEnable & IER_TRANSMIT) != 0 ? 2 : 1;
  }

  private void update() {
    irq.set(cause() != 1);
  }
}
