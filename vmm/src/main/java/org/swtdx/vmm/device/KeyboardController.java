package org.swtdx.vmm.device;

import org.swtdx.vmm.bus.PortDevice;

/**
 * Port 0x64 of a machine without a keyboard controller: reads give all ones, by which drivers know,
 * but the command that pulses the reset line works because systems use it blindly.
 */
public final class KeyboardController implements PortDevice {
  private static final int PULSE_RESET = 0xfe;

  private final Runnable reset;

  /**
   * Creates the port.
   *
   * @param reset called when the guest resets the machine
   */
  public KeyboardController(Runnable reset) {
    this.reset = reset;
  }

  @Override
  public int readByte(int offset) {
    return 0xff;
  }

  @Override
  public void writeByte(int offset, int value) {
    if (value == PULSE_RESET) {
      reset.run();
    }
  }
}
