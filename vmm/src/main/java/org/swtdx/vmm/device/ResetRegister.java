package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.PortDevice;

/** The reset control register at port 0xcf9: a rising bit 2 resets the machine. */
public final class ResetRegister implements PortDevice {
  private final Runnable reset;
  private int value;

  /**
   * Creates the register.
   *
   * @param reset called when the guest resets the machine
   */
  public ResetRegister(Runnable reset) {
    this.reset = reset;
  }

  @Override
  public int readByte(int offset) {
    return value;
  }

  @Override
  public void writeByte(int offset, int newValue) {
    boolean rising = (newValue & ~value & 4) != 0;
    value = newValue & 0xa; // bit 2 falls back by itself
    if (rising) {
      reset.run();
    }
  }
}
