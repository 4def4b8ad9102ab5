package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_GET_DEVICE_ATTR} and its kin. */
public final class KvmDeviceAttr extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmDeviceAttr() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmDeviceAttr(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Must be zero. */
  public int flags() {
    return u32(0);
  }

  /** Sets {@link #flags()}. */
  public KvmDeviceAttr flags(int value) {
    putU32(0, value);
    return this;
  }

  /** Group of attributes. */
  public int group() {
    return u32(4);
  }

  /** Sets {@link #group()}. */
  public KvmDeviceAttr group(int value) {
    putU32(4, value);
    return this;
  }

  /** Attribute within its group. */
  public long attr() {
    return u64(8);
  }

  /** Sets {@link #attr()}. */
  public KvmDeviceAttr attr(long value) {
    putU64(8, value);
    return this;
  }

  /** User address of the value. */
  public long addr() {
    return u64(16);
  }

  /** Sets {@link #addr()}. */
  public KvmDeviceAttr addr(long value) {
    putU64(16, value);
    return this;
  }
}
