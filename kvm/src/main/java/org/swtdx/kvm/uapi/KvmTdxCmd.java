package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_MEMORY_ENCRYPT_OP} on a TD. */
public final class KvmTdxCmd extends Struct {
  /** {@code sizeof(struct kvm_tdx_cmd)} in bytes. */
  public static final int SIZE = 24;

  /** Creates a zeroed structure. */
  public KvmTdxCmd() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmTdxCmd(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Sub-command, a constant of {@link KvmTdx}. */
  public int id() {
    return u32(0);
  }

  /** Sets {@link #id()}. */
  public KvmTdxCmd id(int value) {
    putU32(0, value);
    return this;
  }

  /** Flags of the sub-command. */
  public int flags() {
    return u32(4);
  }

  /** Sets {@link #flags()}. */
  public KvmTdxCmd flags(int value) {
    putU32(4, value);
    return this;
  }

  /** Immediate operand, or the user address of the sub-command's structure. */
  public long data() {
    return u64(8);
  }

  /** Sets {@link #data()}. */
  public KvmTdxCmd data(long value) {
    putU64(8, value);
    return this;
  }

  /** Raw SEAMCALL status; must be 0 on entry. */
  public long hwError() {
    return u64(16);
  }

  /** Sets {@link #hwError()}. */
  public KvmTdxCmd hwError(long value) {
    putU64(16, value);
    return this;
  }

  /** Creates the command {@code id} with {@code flags} and the immediate {@code data}. */
  public static KvmTdxCmd of(int id, int flags, long data) {
    return new KvmTdxCmd().id(id).flags(flags).data(data);
  }
}
