package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.PortDevice;

/**
 * The registers of the two 8259 controllers and their edge/level registers. Their output is not
 * connected: a TD takes interrupts as messages only, and systems on this machine use the I/O APIC.
 */
public final class InterruptControllers8259 {
  private final Controller first = new Controller();
  private final Controller second = new Controller();
  private final byte[] edgeLevel = new byte[2];

  /** Creates both controllers, all inputs masked. */
  public InterruptControllers8259() {}

  /** Ports 0x20 and 0x21. */
  public PortDevice first() {
    return first;
  }

  /** Ports 0xa0 and 0xa1. */
  public PortDevice second() {
    return second;
  }

  /**
   * Ports 0x4d0 and 0x4d1: a set bit makes an input level-triggered; inputs 0, 1, 2, 8, 13 can't.
   */
  public PortDevice edgeLevel() {
    return new PortDevice() {
      @Override
      public int readByte(int offset) {
        return edgeLevel[offset] & 0xff;
      }

      @Override
      public void writeByte(int offset, int value) {
        edgeLevel[offset] = (byte) (value & (offset == 0 ? 0xf8 : 0xde));
      }
    };
  }

  /** One controller: the initialisation sequence, mask and status registers. */
  private static final class Controller implements PortDevice {
    private int step;
    private boolean fourWords;
    private int mask = 0xff;

    @Override
    public int readByte(int offset) {
      return offset == 1 ? mask : 0; // nothing is ever requested or in service
    }

    @Override
    public void writeByte(int offset, int value) {
      if (offset == 0) {
        writeCommand(value);
      } else if (step == 0) {
        mask = value;
      } else {
        step = step == 1 ? 2 : step == 2 && fourWords ? 3 : 0;
      }
    }

    private void writeCommand(int value) {
      if ((value & 0x10) != 0) {
        step = 1;
        fourWords = (value & 1) != 0;
        mask = 0;
      }
    }
  }
}
