package org.swtdx.vmm.device;

import java.io.IOException;
import java.io.OutputStream;
import org.swtdx.vmm.bus.PortDevice;

/**
 * The debug console: writes go to a stream, reads give 0xe9, by which firmware knows it is there.
 */
public final class DebugConsole implements PortDevice {
  private final OutputStream sink;
  private boolean closed;

  /**
   * Creates the port.
   *
   * @param sink takes what is written
   */
  public DebugConsole(OutputStream sink) {
    this.sink = sink;
  }

  @Override
  public int readByte(int offset) {
    return 0xe9;
  }

  @Override
  public void writeByte(int offset, int value) {
    if (closed) {
      return;
    }
    try {
      sink.write(value);
    } catch (IOException e) {
      closed = true;
      System.getLogger(DebugConsole.class.getName())
          .log(System.Logger.Level.WARNING, "debug console is closed: {0}", e.getMessage());
    }
  }
}
