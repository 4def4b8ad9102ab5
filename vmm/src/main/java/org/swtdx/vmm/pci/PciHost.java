package org.swtdx.vmm.pci;

import org.jspecify.annotations.Nullable;
import org.swtdx.vmm.bus.MmioDevice;
import org.swtdx.vmm.bus.PortDevice;

/**
 * Bus 0 and the two ways to its configuration space. Absent functions read as all ones. The ports
 * are 0xcf8 to 0xcff; the address register answers doubleword accesses only.
 */
public final class PciHost implements PortDevice {
  /** The first port. */
  public static final int PORT = 0xcf8;

  /** Number of ports. */
  public static final int PORTS = 8;

  private static final int DATA = 4;
  private static final int ENABLE = 0x80000000;

  private final @Nullable PciFunction[] functions = new PciFunction[256];
  private int address;

  /** Creates a bus without functions. */
  public PciHost() {}

  /**
   * Places a function on bus 0.
   *
   * @param device 0 to 31
   * @param function 0 to 7
   * @param config its configuration space
   */
  public void place(int device, int function, PciFunction config) {
    functions[device << 3 | function] = config;
  }

  @Override
  public int read(int offset, int size) {
    if (offset < DATA) {
      return offset == 0 && size == 4 ? address : -1;
    }
    boolean enabled = (address & ENABLE) != 0;
    return enabled ? readConfig(busDeviceFunction(), register(offset), size) : -1;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0 && size == 4) {
      address = value & 0x80fffffc;
    } else if (offset >= DATA && (address & ENABLE) != 0) {
      writeConfig(busDeviceFunction(), register(offset), size, value);
    }
  }

  @Override
  public int readByte(int offset) {
    return read(offset, 1);
  }

  @Override
  public void writeByte(int offset, int value) {
    write(offset, 1, value);
  }

  private int busDeviceFunction() {
    return address >>> 8 & 0xffff;
  }

  private int register(int offset) {
    return address & 0xfc | offset & 3;
  }

  /** ECAM: 4 KiB for each function, from bus 0 up. */
  public MmioDevice ecam() {
    return new MmioDevice() {
      @Override
      public long read(long offset, int size) {
        int high = size == 8 ? readConfig((int) (offset >>> 12), (int) offset + 4 & 0xfff, 4) : 0;
        int low = readConfig((int) (offset >>> 12), (int) offset & 0xfff, Math.min(size, 4));
        return Integer.toUnsignedLong(low) | (long) high << 32;
      }

      @Override
      public void write(long offset, int size, long value) {
        int at = (int) offset & 0xfff;
        writeConfig((int) (offset >>> 12), at, Math.min(size, 4), (int) value);
        if (size == 8) {
          writeConfig((int) (offset >>> 12), at + 4 & 0xfff, 4, (int) (value >>> 32));
        }
      }
    };
  }

  private int readConfig(int bdf, int register, int size) {
    PciFunction function = find(bdf, register, size);
    return function == null ? -1 : function.read(register, size);
  }

  private void writeConfig(int bdf, int register, int size, int value) {
    PciFunction function = find(bdf, register, size);
    if (function != null) {
      function.write(register, size, value);
    }
  }

  private @Nullable PciFunction find(int bdf, int register, int size) {
    boolean aligned = (register & size - 1) == 0;
    return bdf < functions.length && aligned ? functions[bdf] : null;
  }
}
