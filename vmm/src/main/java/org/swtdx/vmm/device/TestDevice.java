package org.swtdx.vmm.device;

import java.util.function.IntFunction;
import org.swtdx.vmm.bus.MmioDevice;
import org.swtdx.vmm.bus.PortDevice;
import org.swtdx.vmm.bus.SystemBus;

/**
 * QEMU's pc-testdev: scratch registers behind ports and in memory, and ports that drive interrupt
 * lines, by which test kernels exercise a hypervisor. Its second window on the scratch registers,
 * from port 0xe8, is left out: the debug console is there.
 */
public final class TestDevice {
  private static final int SCRATCH = 0xe0;
  private static final int LINES = 0x2000;
  private static final int LINE_COUNT = 24;
  private static final long MEMORY = 0xff000000L;
  private static final int MEMORY_BYTES = 0x10000;

  private final byte[] scratch = new byte[4];
  private final byte[] memory = new byte[MEMORY_BYTES];
  private final InterruptLine[] lines = new InterruptLine[LINE_COUNT];

  /**
   * Creates the device.
   *
   * @param line gives the interrupt lines
   */
  public TestDevice(IntFunction<InterruptLine> line) {
    for (int i = 0; i < LINE_COUNT; i++) {
      lines[i] = line.apply(i);
    }
  }

  /** Claims its ports and addresses. */
  public void place(SystemBus bus) {
    PortDevice bytes =
        new PortDevice() {
          @Override
          public int readByte(int offset) {
            return scratch[offset] & 0xff;
          }

          @Override
          public void writeByte(int offset, int value) {
            scratch[offset] = (byte) value;
          }
        };
    bus.claimPorts(SCRATCH, 4, bytes);
    bus.claimPorts(
        LINES,
        LINE_COUNT,
        new PortDevice() {
          @Override
          public int readByte(int offset) {
            return 0xff;
          }

          @Override
          public void writeByte(int offset, int value) {
            lines[offset].set(value != 0);
          }
        });
    bus.claimMemory(
        MEMORY,
        MEMORY_BYTES,
        new MmioDevice() {
          @Override
          public long read(long offset, int size) {
            long value = 0;
            for (int i = 0; i < size; i++) {
              value |= (memory[(int) offset + i] & 0xffL) << 8 * i;
            }
            return value;
          }

          @Override
          public void write(long offset, int size, long value) {
            for (int i = 0; i < size; i++) {
              memory[(int) offset + i] = (byte) (value >>> 8 * i);
            }
          }
        });
  }
}
