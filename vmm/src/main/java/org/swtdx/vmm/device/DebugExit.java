package org.swtdx.vmm.device;

import java.util.function.IntConsumer;
import org.swtdx.vmm.bus.PortDevice;

/** QEMU's isa-debug-exit: a write ends the run with a status that the value decides. */
public final class DebugExit implements PortDevice {
  private final IntConsumer exit;

  /**
   * Creates the port.
   *
   * @param exit takes the value that was written
   */
  public DebugExit(IntConsumer exit) {
    this.exit = exit;
  }

  @Override
  public int readByte(int offset) {
    return 0;
  }

  @Override
  public int read(int offset, int size) {
    return 0;
  }

  @Override
  public void writeByte(int offset, int value) {
    exit.accept(value);
  }

  @Override
  public void write(int offset, int size, int value) {
    exit.accept(value);
  }
}
