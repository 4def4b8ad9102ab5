package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_CREATE_DEVICE}. */
public final class KvmCreateDevice extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 12;

  /** Creates a zeroed structure. */
  public KvmCreateDevice() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmCreateDevice(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** {@code KVM_DEV_TYPE_*}. */
  public int type() {
    return u32(0);
  }

  /** Sets {@link #type()}. */
  public KvmCreateDevice type(int value) {
    putU32(0, value);
    return this;
  }

  /** Descriptor of the device. */
  public int fd() {
    return u32(4);
  }

  /** Sets {@link #fd()}. */
  public KvmCreateDevice fd(int value) {
    putU32(4, value);
    return this;
  }

  /** Bit 0: only test. */
  public int flags() {
    return u32(8);
  }

  /** Sets {@link #flags()}. */
  public KvmCreateDevice flags(int value) {
    putU32(8, value);
    return this;
  }

  /** Only say whether there is such a device. */
  public static final int TEST = 1;

  /** {@code KVM_DEV_TYPE_VFIO}. */
  public static final int TYPE_VFIO = 4;
}
