package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.PortDevice;

/** System control port A at 0x92: the A20 gate, which is always open, and fast reset. */
public final class SystemControlPort implements PortDevice {
  private static final int A20 = 2;

  private final Runnable reset;
  private int value = A20;

  /**
   * Creates the port.
   *
   * @param reset called when the guest resets the machine
   */
  public SystemControlPort(Runnable reset) {
    this.reset = reset;
  }

  @Override
  public int readByte(int offset) {
    return value;
  }

  @Override
  public void writeByte(int offset, int newValue) {
    boolean rising = (newValue & ~value & 1) != 0;
    value = newValue & ~1;
    if (rising) {
      reset.run();
    }
  }
}
