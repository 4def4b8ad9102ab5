package org.swtdx.memory.seam;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Loads and stores at native addresses that {@link PhysicalBus#map} returned, unchecked.
 *
 * <p>Plain loads are followed, plain stores preceded, by the fence that keeps the JIT compiler
 * within the x86 memory order (loads in order, stores in order, a load never after a later store).
 * On an x86 machine these fences are no instructions. Accesses of up to eight bytes that stay in an
 * aligned eight-byte word are single-copy atomic, as the architecture promises.
 *
 * <p>The read-modify-write operations are for instructions with a LOCK prefix (and XCHG). They are
 * full fences. What crosses an aligned eight-byte word is left to {@link SplitLock}.
 */
@SuppressWarnings("restricted") // one segment over the whole address space is the point
public final class NativeAccess {
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private NativeAccess() {}

  /** Loads a byte, zero-extended. */
  public static int load8(long address) {
    int value = ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
    VarHandle.acquireFence();
    return value;
  }

  /** Loads two bytes, zero-extended. */
  public static int load16(long address) {
    int value = ALL.get(U16, address) & 0xffff;
    VarHandle.acquireFence();
    return value;
  }

  /** Loads four bytes. */
  public static int load32(long address) {
    int value = ALL.get(U32, address);
    VarHandle.acquireFence();
    return value;
  }

  /** Loads eight bytes. */
  public static long load64(long address) {
    long value = ALL.get(U64, address);
    VarHandle.acquireFence();
    return value;
  }

  /** Loads {@code size} (1, 2, 4, 8) bytes, zero-extended. */
  public static long load(long address, int size) {
    return switch (size) {
      case 1 -> load8(address);
      case 2 -> load16(address);
      case 4 -> load32(address) & 0xffffffffL;
      case 8 -> load64(address);
      default -> throw badSize(size);
    };
  }

  /** Stores the low byte. */
  public static void store8(long address, int value) {
    VarHandle.releaseFence();
    ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
  }

  /** Stores the low two bytes. */
  public static void store16(long address, int value) {
    VarHandle.releaseFence();
    ALL.set(U16, address, (short) value);
  }

  /** Stores four bytes. */
  public static void store32(long address, int value) {
    VarHandle.releaseFence();
    ALL.set(U32, address, value);
  }

  /** Stores eight bytes. */
  public static void store64(long address, long value) {
    VarHandle.releaseFence();
    ALL.set(U64, address, value);
  }

  /** Stores the low {@code size} (1, 2, 4, 8) bytes. */
  public static void store(long address, int size, long value) {
    switch (size) {
      case 1 -> store8(address, (int) value);
      case 2 -> store16(address, (int) value);
      case 4 -> store32(address, (int) value);
      case 8 -> store64(address, value);
      default -> throw badSize(size);
    }
  }

  /** Copies {@code length} bytes into an array. */
  public static void read(long address, byte[] target, int offset, int length) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, target, offset, length);
    VarHandle.acquireFence();
  }

  /** Copies {@code length} bytes from an array. */
  public static void write(long address, byte[] source, int offset, int length) {
    VarHandle.releaseFence();
    MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_BYTE, address, length);
  }

  /** Copies {@code length} bytes as if through a buffer, so that overlapping ranges are right. */
  public static void copy(long from, long to, long length) {
    VarHandle.releaseFence();
    MemorySegment.copy(ALL, from, ALL, to, length);
    VarHandle.acquireFence();
  }

  /** Fills {@code length} bytes. */
  public static void fill(long address, long length, byte value) {
    VarHandle.releaseFence();
    ALL.asSlice(address, length).fill(value);
  }

  /**
   * Atomically replaces {@code size} (1, 2, 4, 8) bytes at any address inside one page by {@code
   * value} if they are {@code expected}; only the low bytes of both count.
   *
   * @return what was there, zero-extended; the exchange took place when it equals {@code expected}
   */
  public static long compareAndExchange(long address, int size, long expected, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.compareAndExchange(ALL, address, expected, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.compareAndExchange(ALL, address, (int) expected, (int) value) & 0xffffffffL;
    }
    int inWord = (int) address & 7;
    if (inWord + size > 8) {
      int first = 8 - inWord;
      return SplitLock.compareAndExchange(address, first, address + first, size, expected, value);
    }
    return exchangeBits(address - inWord, 8 * inWord, mask(size), expected, value);
  }

  /** Atomically replaces the aligned 32 bits at {@code address}; returns what was there. */
  public static int compareAndExchange32(long address, int expected, int value) {
    return (int) INT.compareAndExchange(ALL, address, expected, value);
  }

  /** Atomically replaces the aligned 64 bits at {@code address}; returns what was there. */
  public static long compareAndExchange64(long address, long expected, long value) {
    return (long) LONG.compareAndExchange(ALL, address, expected, value);
  }

  /** Compares and exchanges the bits {@code mask << shift} of an aligned word. */
  static long exchangeBits(long word, int shift, long mask, long expected, long value) {
    while (true) {
      long old = (long) LONG.getVolatile(ALL, word);
      long field = old >>> shift & mask;
      if (field != (expected & mask)) {
        return field;
      }
      long changed = old & ~(mask << shift) | (value & mask) << shift;
      if (LONG.weakCompareAndSet(ALL, word, old, changed)) {
        return field;
      }
    }
  }

  /** Atomically adds; returns what was there, zero-extended. */
  public static long getAndAdd(long address, int size, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.getAndAdd(ALL, address, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.getAndAdd(ALL, address, (int) value) & 0xffffffffL;
    }
    while (true) {
      long old = load(address, size);
      if (compareAndExchange(address, size, old, old + value) == old) {
        return old;
      }
    }
  }

  /** Atomically swaps; returns what was there, zero-extended. */
  public static long getAndSet(long address, int size, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.getAndSet(ALL, address, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.getAndSet(ALL, address, (int) value) & 0xffffffffL;
    }
    while (true) {
      long old = load(address, size);
      if (compareAndExchange(address, size, old, value) == old) {
        return old;
      }
    }
  }

  /** Atomically ANDs; returns what was there, zero-extended. */
  public static long getAndAnd(long address, int size, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.getAndBitwiseAnd(ALL, address, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.getAndBitwiseAnd(ALL, address, (int) value) & 0xffffffffL;
    }
    while (true) {
      long old = load(address, size);
      if (compareAndExchange(address, size, old, old & value) == old) {
        return old;
      }
    }
  }

  /** Atomically ORs; returns what was there, zero-extended. */
  public static long getAndOr(long address, int size, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.getAndBitwiseOr(ALL, address, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.getAndBitwiseOr(ALL, address, (int) value) & 0xffffffffL;
    }
    while (true) {
      long old = load(address, size);
      if (compareAndExchange(address, size, old, old | value) == old) {
        return old;
      }
    }
  }

  /** Atomically XORs; returns what was there, zero-extended. */
  public static long getAndXor(long address, int size, long value) {
    if (size == 8 && (address & 7) == 0) {
      return (long) LONG.getAndBitwiseXor(ALL, address, value);
    }
    if (size == 4 && (address & 3) == 0) {
      return (int) INT.getAndBitwiseXor(ALL, address, (int) value) & 0xffffffffL;
    }
    while (true) {
      long old = load(address, size);
      if (compareAndExchange(address, size, old, old ^ value) == old) {
        return old;
      }
    }
  }

  /** The bits of {@code size} (1, 2, 4, 8) bytes. */
  static long mask(int size) {
    return -1L >>> 64 - 8 * size;
  }

  private static IllegalArgumentException badSize(int size) {
    return new IllegalArgumentException("no access has " + size + " bytes");
  }
}
