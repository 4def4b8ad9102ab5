package org.swtdx.vmm.bus;

import java.util.concurrent.locks.ReentrantLock;
import org.swtdx.vmm.bus.RangeMap.Range;

/**
 * The machine's two address spaces of registers. One lock serialises the devices, so that none of
 * them needs its own; input from outside the guest takes it with {@link #serialized}. Thread-safe.
 */
public final class SystemBus {
  private final RangeMap<PortDevice> ports = new RangeMap<>();
  private final RangeMap<MmioDevice> memory = new RangeMap<>();
  private final ReentrantLock lock = new ReentrantLock();

  /** Creates a bus without devices. */
  public SystemBus() {}

  /**
   * Gives ports to a device; a later claim hides an earlier one.
   *
   * @param first the first port
   * @param count how many
   * @param device the device
   */
  public void claimPorts(int first, int count, PortDevice device) {
    ports.claim(first, count, device);
  }

  /** Takes all its ports from a device. */
  public void releasePorts(PortDevice device) {
    ports.release(device);
  }

  /**
   * Gives an address range to a device.
   *
   * @param first the first guest physical address
   * @param length bytes
   * @param device the device
   */
  public void claimMemory(long first, long length, MmioDevice device) {
    memory.claim(first, length, device);
  }

  /** Takes all its address ranges from a device. */
  public void releaseMemory(MmioDevice device) {
    memory.release(device);
  }

  /**
   * Reads a port.
   *
   * @param port the first port
   * @param size 1, 2 or 4 bytes
   * @return the bytes, zero-extended; all ones where nobody answers
   */
  public int readPort(int port, int size) {
    lock.lock();
    try {
      Range<PortDevice> range = ports.find(port, size);
      if (range != null) {
        return mask(range.device().read((int) (port - range.first()), size), size);
      }
      return size == 1 ? 0xff : readPortBytes(port, size);
    } finally {
      lock.unlock();
    }
  }

  private int readPortBytes(int port, int size) {
    int value = 0;
    for (int i = 0; i < size; i++) {
      Range<PortDevice> range = ports.find(port + i, 1);
      int one = range == null ? 0xff : range.device().read((int) (port + i - range.first()), 1);
      value |= (one & 0xff) << 8 * i;
    }
    return value;
  }

  /**
   * Writes a port.
   *
   * @param port the first port
   * @param size 1, 2 or 4 bytes
   * @param value the low {@code size} bytes count
   */
  public void writePort(int port, int size, int value) {
    lock.lock();
    try {
      Range<PortDevice> range = ports.find(port, size);
      if (range != null) {
        range.device().write((int) (port - range.first()), size, mask(value, size));
        return;
      }
      for (int i = 0; i < size && size > 1; i++) {
        Range<PortDevice> part = ports.find(port + i, 1);
        if (part != null) {
          part.device().write((int) (port + i - part.first()), 1, value >>> 8 * i & 0xff);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads memory-mapped registers.
   *
   * @param address guest physical address
   * @param size 1, 2, 4 or 8 bytes
   * @return the bytes, zero-extended; all ones where nobody answers
   */
  public long readMemory(long address, int size) {
    lock.lock();
    try {
      Range<MmioDevice> range = memory.find(address, size);
      long value = range == null ? -1 : range.device().read(address - range.first(), size);
      return size == 8 ? value : value & (1L << 8 * size) - 1;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes memory-mapped registers.
   *
   * @param address guest physical address
   * @param size 1, 2, 4 or 8 bytes
   * @param value the low {@code size} bytes count
   */
  public void writeMemory(long address, int size, long value) {
    lock.lock();
    try {
      Range<MmioDevice> range = memory.find(address, size);
      if (range != null) {
        range.device().write(address - range.first(), size, value);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs something that changes devices, from outside the guest. */
  public void serialized(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  private static int mask(int value, int size) {
    return size == 4 ? value : value & (1 << 8 * size) - 1;
  }
}
