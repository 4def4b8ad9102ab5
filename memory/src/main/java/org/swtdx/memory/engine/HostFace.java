package org.swtdx.memory.engine;

import java.util.Arrays;
import java.util.Objects;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;

/** The host's accesses: KeyID 0, any alignment, nothing where there is no memory. */
final class HostFace implements HostView {
  private final KeyedMemory memory;

  HostFace(KeyedMemory memory) {
    this.memory = memory;
  }

  @Override
  public int read8(Hpa hpa) {
    return (int) load(hpa, 1);
  }

  @Override
  public int read16(Hpa hpa) {
    return (int) load(hpa, 2);
  }

  @Override
  public int read32(Hpa hpa) {
    return (int) load(hpa, 4);
  }

  @Override
  public long read64(Hpa hpa) {
    return load(hpa, 8);
  }

  @Override
  public void write8(Hpa hpa, int value) {
    store(hpa, 1, value);
  }

  @Override
  public void write16(Hpa hpa, int value) {
    store(hpa, 2, value);
  }

  @Override
  public void write32(Hpa hpa, int value) {
    store(hpa, 4, value);
  }

  @Override
  public void write64(Hpa hpa, long value) {
    store(hpa, 8, value);
  }

  @Override
  public void read(Hpa hpa, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (isOutside(hpa, length)) {
      Arrays.fill(target, offset, offset + length, (byte) 0xff);
    } else {
      memory.read(hpa.value(), target, offset, length);
    }
  }

  @Override
  public void write(Hpa hpa, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    if (!isOutside(hpa, length)) {
      memory.write(hpa.value(), source, offset, length);
    }
  }

  @Override
  public void zero(Hpa hpa, long length) {
    if (!isOutside(hpa, length)) {
      memory.zero(hpa.value(), length);
    }
  }

  @Override
  public boolean compareAndSet64(Hpa hpa, long expected, long value) {
    return memory.compareAndExchange(aligned(hpa), 8, expected, value) == expected;
  }

  @Override
  public long getAndOr64(Hpa hpa, long mask) {
    long address = aligned(hpa);
    while (true) {
      long old = memory.load(address, 8);
      if (memory.compareAndExchange(address, 8, old, old | mask) == old) {
        return old;
      }
    }
  }

  @Override
  public long getAndSet64(Hpa hpa, long value) {
    long address = aligned(hpa);
    while (true) {
      long old = memory.load(address, 8);
      if (memory.compareAndExchange(address, 8, old, value) == old) {
        return old;
      }
    }
  }

  private long load(Hpa hpa, int size) {
    if (crossesPage(hpa, size) || isOutside(hpa, size)) {
      byte[] bytes = new byte[size];
      read(hpa, bytes, 0, size);
      long value = 0;
      for (int i = size - 1; i >= 0; i--) {
        value = value << 8 | bytes[i] & 0xff;
      }
      return value;
    }
    return memory.load(hpa.value(), size);
  }

  private void store(Hpa hpa, int size, long value) {
    if (crossesPage(hpa, size)) {
      byte[] bytes = new byte[size];
      for (int i = 0; i < size; i++) {
        bytes[i] = (byte) (value >>> 8 * i);
      }
      write(hpa, bytes, 0, size);
    } else if (!isOutside(hpa, size)) {
      memory.store(hpa.value(), size, value);
    }
  }

  private static boolean crossesPage(Hpa hpa, int size) {
    return (hpa.value() & (Hpa.PAGE_SIZE - 1)) + size > Hpa.PAGE_SIZE;
  }

  /** An address with KeyID bits is no host physical address. */
  private boolean isOutside(Hpa hpa, long length) {
    return !memory.isPlain(hpa.value()) || !memory.isPlain(hpa.value() + length);
  }

  private long aligned(Hpa hpa) {
    if ((hpa.value() & 7) != 0 || !memory.isPlain(hpa.value())) {
      throw new IllegalArgumentException("atomics need an aligned host address, not " + hpa);
    }
    return hpa.value();
  }
}
