package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** The part of {@code struct kvm_run} that KVM_EXIT_DEBUG fills. */
public final class KvmDebugExit extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 32;

  /** Creates a zeroed structure. */
  public KvmDebugExit() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmDebugExit(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** 1 for #DB, 3 for #BP. */
  public int exception() {
    return u32(0);
  }

  /** Sets {@link #exception()}. */
  public KvmDebugExit exception(int value) {
    putU32(0, value);
    return this;
  }

  /** Linear address of the instruction. */
  public long pc() {
    return u64(8);
  }

  /** Sets {@link #pc()}. */
  public KvmDebugExit pc(long value) {
    putU64(8, value);
    return this;
  }

  /** Why, as DR6 would say. */
  public long dr6() {
    return u64(16);
  }

  /** Sets {@link #dr6()}. */
  public KvmDebugExit dr6(long value) {
    putU64(16, value);
    return this;
  }

  /** DR7 in force. */
  public long dr7() {
    return u64(24);
  }

  /** Sets {@link #dr7()}. */
  public KvmDebugExit dr7(long value) {
    putU64(24, value);
    return this;
  }
}
