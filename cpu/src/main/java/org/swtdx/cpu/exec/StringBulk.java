package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.MemoryPort;
import org.swtdx.memory.seam.NativeAccess;

/** Copies and fills inside one page of source and target, as repeated MOVS and STOS do. */
final class StringBulk {
  private StringBulk() {}

  /** Copies upwards element by element; false when the memory has no native address. */
  static boolean copy(Core core, long source, long target, long bytes, int size) {
    long from = core.nativeForRead(source);
    long to = core.nativeForWrite(target, size);
    if (from == MemoryPort.NO_NATIVE || to == MemoryPort.NO_NATIVE) {
      return false;
    }
    if (to > from && to < from + bytes) {
      replicate(from, to, bytes, size);
    } else {
      long i = 0;
      for (; i + 8 <= bytes; i += 8) {
        NativeAccess.store64(to + i, NativeAccess.load64(from + i));
      }
      for (; i < bytes; i++) {
        NativeAccess.store8(to + i, NativeAccess.load8(from + i));
      }
    }
    return true;
  }

  /** A target that begins inside the source repeats what lies between: no wide accesses. */
  private static void replicate(long from, long to, long bytes, int size) {
    for (long i = 0; i < bytes; i += size) {
      switch (size) {
        case 1 -> NativeAccess.store8(to + i, NativeAccess.load8(from + i));
        case 2 -> NativeAccess.store16(to + i, NativeAccess.load16(from + i));
        case 4 -> NativeAccess.store32(to + i, NativeAccess.load32(from + i));
        default -> NativeAccess.store64(to + i, NativeAccess.load64(from + i));
      }
    }
  }

  /** Stores {@code count} elements of {@code size}; false without a native address. */
  static boolean fill(Core core, long target, long count, int size, long value) {
    long to = core.nativeForWrite(target, size);
    if (to == MemoryPort.NO_NATIVE) {
      return false;
    }
    long pattern =
        switch (size) {
          case 1 -> (value & 0xff) * 0x0101010101010101L;
          case 2 -> (value & 0xffff) * 0x0001000100010001L;
          case 4 -> (value & 0xffffffffL) * 0x0000000100000001L;
          default -> value;
        };
    long bytes = count * size;
    long i = 0;
    for (; i + 8 <= bytes; i += 8) {
      NativeAccess.store64(to + i, pattern);
    }
    for (; i < bytes; i++) {
      NativeAccess.store8(to + i, (int) (pattern >>> 8 * (i & 7)));
    }
    return true;
  }
}
