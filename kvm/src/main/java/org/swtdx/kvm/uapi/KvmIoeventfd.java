package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_IOEVENTFD}. */
public final class KvmIoeventfd extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmIoeventfd() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmIoeventfd(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Value that a write must have, with {@link #DATAMATCH}. */
  public long datamatch() {
    return u64(0);
  }

  /** Sets {@link #datamatch()}. */
  public KvmIoeventfd datamatch(long value) {
    putU64(0, value);
    return this;
  }

  /** Guest physical address or port. */
  public long addr() {
    return u64(8);
  }

  /** Sets {@link #addr()}. */
  public KvmIoeventfd addr(long value) {
    putU64(8, value);
    return this;
  }

  /** Bytes of the write; 0 for any. */
  public int len() {
    return u32(16);
  }

  /** Sets {@link #len()}. */
  public KvmIoeventfd len(int value) {
    putU32(16, value);
    return this;
  }

  /** The eventfd to signal. */
  public int fd() {
    return u32(20);
  }

  /** Sets {@link #fd()}. */
  public KvmIoeventfd fd(int value) {
    putU32(20, value);
    return this;
  }

  /** The constants below. */
  public int flags() {
    return u32(24);
  }

  /** Sets {@link #flags()}. */
  public KvmIoeventfd flags(int value) {
    putU32(24, value);
    return this;
  }

  /** Compare the value. */
  public static final int DATAMATCH = 1;

  /** A port. */
  public static final int PIO = 2;

  /** Undo. */
  public static final int DEASSIGN = 4;

  /** All flags that exist. */
  public static final int VALID_FLAGS = 31;
}
