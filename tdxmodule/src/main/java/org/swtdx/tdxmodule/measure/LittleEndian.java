package org.swtdx.tdxmodule.measure;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Integers in byte arrays, as every TDX structure stores them. */
public final class LittleEndian {
  private static final VarHandle U16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private LittleEndian() {}

  /** Returns the 16 bits at {@code offset}, zero-extended. */
  public static int u16(byte[] bytes, int offset) {
    return (short) U16.get(bytes, offset) & 0xffff;
  }

  /** Returns the 32 bits at {@code offset}. */
  public static int u32(byte[] bytes, int offset) {
    return (int) U32.get(bytes, offset);
  }

  /** Returns the 64 bits at {@code offset}. */
  public static long u64(byte[] bytes, int offset) {
    return (long) U64.get(bytes, offset);
  }

  /** Stores the low 16 bits of {@code value}. */
  public static void put16(byte[] bytes, int offset, int value) {
    U16.set(bytes, offset, (short) value);
  }

  /** Stores 32 bits. */
  public static void put32(byte[] bytes, int offset, int value) {
    U32.set(bytes, offset, value);
  }

  /** Stores 64 bits. */
  public static void put64(byte[] bytes, int offset, long value) {
    U64.set(bytes, offset, value);
  }
}
