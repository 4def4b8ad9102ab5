package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_GET_ONE_REG} and {@code KVM_SET_ONE_REG}. */
public final class KvmOneReg extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 16;

  /** {@code KVM_REG_X86 | KVM_REG_SIZE_U64 | KVM_X86_REG_TYPE_MSR}, above a 32-bit index. */
  private static final long MSR = 0x2030_0002L;

  /** Creates a zeroed structure. */
  public KvmOneReg() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmOneReg(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Which register: architecture, size and type in the upper half, index in the lower. */
  public long id() {
    return u64(0);
  }

  /** Sets {@link #id()}. */
  public KvmOneReg id(long value) {
    putU64(0, value);
    return this;
  }

  /** User address of the value. */
  public long addr() {
    return u64(8);
  }

  /** Sets {@link #addr()}. */
  public KvmOneReg addr(long value) {
    putU64(8, value);
    return this;
  }

  /** The id of an MSR. */
  public static long msr(int index) {
    return MSR << 32 | index & 0xffff_ffffL;
  }

  /** Whether the register is an MSR, of 64 bits as they all are. */
  public boolean isMsr() {
    return id() >>> 32 == MSR;
  }

  /** The register's number among those of its type. */
  public int index() {
    return u32(0);
  }
}
