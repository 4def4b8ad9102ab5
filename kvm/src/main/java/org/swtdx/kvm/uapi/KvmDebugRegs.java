package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Debug registers. */
public final class KvmDebugRegs extends Struct {
  /** {@code sizeof(struct kvm_debugregs)} in bytes. */
  public static final int SIZE = 128;

  /** Creates a zeroed structure. */
  public KvmDebugRegs() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmDebugRegs(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** DR0 to DR3. */
  public long db(int index) {
    return u64(0 + 8L * index);
  }

  /** Sets {@link #db(int)}. */
  public KvmDebugRegs db(int index, long value) {
    putU64(0 + 8L * index, value);
    return this;
  }

  /** DR6. */
  public long dr6() {
    return u64(32);
  }

  /** Sets {@link #dr6()}. */
  public KvmDebugRegs dr6(long value) {
    putU64(32, value);
    return this;
  }

  /** DR7. */
  public long dr7() {
    return u64(40);
  }

  /** Sets {@link #dr7()}. */
  public KvmDebugRegs dr7(long value) {
    putU64(40, value);
    return this;
  }

  /** Must be zero. */
  public long flags() {
    return u64(48);
  }

  /** Sets {@link #flags()}. */
  public KvmDebugRegs flags(long value) {
    putU64(48, value);
    return this;
  }
}
