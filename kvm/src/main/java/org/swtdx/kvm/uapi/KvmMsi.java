package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SIGNAL_MSI}. */
public final class KvmMsi extends Struct {
  /** {@code sizeof(struct kvm_msi)} in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmMsi() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmMsi(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Lower half of the message address. */
  public int addressLo() {
    return u32(0);
  }

  /** Sets {@link #addressLo()}. */
  public KvmMsi addressLo(int value) {
    putU32(0, value);
    return this;
  }

  /** Upper half of the message address; bits 31:8 extend the destination. */
  public int addressHi() {
    return u32(4);
  }

  /** Sets {@link #addressHi()}. */
  public KvmMsi addressHi(int value) {
    putU32(4, value);
    return this;
  }

  /** Message data. */
  public int data() {
    return u32(8);
  }

  /** Sets {@link #data()}. */
  public KvmMsi data(int value) {
    putU32(8, value);
    return this;
  }

  /** {@code KVM_MSI_VALID_DEVID}; refused. */
  public int flags() {
    return u32(12);
  }

  /** Sets {@link #flags()}. */
  public KvmMsi flags(int value) {
    putU32(12, value);
    return this;
  }

  /** Device id. */
  public int devid() {
    return u32(16);
  }

  /** Sets {@link #devid()}. */
  public KvmMsi devid(int value) {
    putU32(16, value);
    return this;
  }

  /** Creates the message {@code data} to {@code address}. */
  public static KvmMsi of(long address, int data) {
    return new KvmMsi().addressLo((int) address).addressHi((int) (address >>> 32)).data(data);
  }
}
