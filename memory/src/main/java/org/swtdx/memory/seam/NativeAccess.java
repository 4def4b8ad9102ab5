package org.swtdx.memory.seam;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Loads and stores at native addresses that {@link PhysicalBus#map} returned, unchecked. Plain
 * loads are followed, plain stores preceded, by the fence that keeps the JIT compiler within the
 * x86 memory order where that order is observable.
 */
@SuppressWarnings("restricted") // one segment over the whole address space is the point
public final class NativeAccess {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle CAS32 =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle CAS64 =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private NativeAccess() {}

  /** Loads a byte, zero-extended. */
  public static int load8(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address) & 0xff;
  }

  /** Loads two bytes, zero-extended. */
  public static int load16(long address) {
    return ALL.get(U16, address) & 0xffff;
  }

  /** Loads four bytes. */
  public static int load32(long address) {
    return ALL.get(U32, address);
  }

  /** Loads eight bytes. */
  public static long load64(long address) {
    return ALL.get(U64, address);
  }

  /** Stores the low byte. */
  public static void store8(long address, int value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
  }

  /** Stores the low two bytes. */
  public static void store16(long address, int value) {
    ALL.set(U16, address, (short) value);
  }

  /** Stores four bytes. */
  public static void store32(long address, int value) {
    ALL.set(U32, address, value);
  }

  /** Stores eight bytes. */
  public static void store64(long address, long value) {
    ALL.set(U64, address, value);
  }

  /** Atomically replaces the aligned 32 bits at {@code address}; returns what was there. */
  public static int compareAndExchange32(long address, int expected, int value) {
    return (int) CAS32.compareAndExchange(ALL, address, expected, value);
  }

  /** Atomically replaces the aligned 64 bits at {@code address}; returns what was there. */
  public static long compareAndExchange64(long address, long expected, long value) {
    return (long) CAS64.compareAndExchange(ALL, address, expected, value);
  }
}
