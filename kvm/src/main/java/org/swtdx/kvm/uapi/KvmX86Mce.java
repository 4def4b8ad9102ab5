package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_X86_SET_MCE}. */
public final class KvmX86Mce extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmX86Mce() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmX86Mce(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** MCi_STATUS. */
  public long status() {
    return u64(0);
  }

  /** Sets {@link #status()}. */
  public KvmX86Mce status(long value) {
    putU64(0, value);
    return this;
  }

  /** MCi_ADDR. */
  public long addr() {
    return u64(8);
  }

  /** Sets {@link #addr()}. */
  public KvmX86Mce addr(long value) {
    putU64(8, value);
    return this;
  }

  /** MCi_MISC. */
  public long misc() {
    return u64(16);
  }

  /** Sets {@link #misc()}. */
  public KvmX86Mce misc(long value) {
    putU64(16, value);
    return this;
  }

  /** MCG_STATUS. */
  public long mcgStatus() {
    return u64(24);
  }

  /** Sets {@link #mcgStatus()}. */
  public KvmX86Mce mcgStatus(long value) {
    putU64(24, value);
    return this;
  }

  /** Bank. */
  public int bank() {
    return u8(32);
  }

  /** Sets {@link #bank()}. */
  public KvmX86Mce bank(int value) {
    putU8(32, value);
    return this;
  }
}
