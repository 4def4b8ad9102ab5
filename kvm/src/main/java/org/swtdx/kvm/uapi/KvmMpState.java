package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Multiprocessing state. */
public final class KvmMpState extends Struct {
  /** {@code sizeof(struct kvm_mp_state)} in bytes. */
  public static final int SIZE = 4;

  /** Creates a zeroed structure. */
  public KvmMpState() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmMpState(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** One of the constants below. */
  public int mpState() {
    return u32(0);
  }

  /** Sets {@link #mpState()}. */
  public KvmMpState mpState(int value) {
    putU32(0, value);
    return this;
  }

  /** {@code KVM_MP_STATE_RUNNABLE} and the other states. */
  public static final int RUNNABLE = 0,
      UNINITIALIZED = 1,
      INIT_RECEIVED = 2,
      HALTED = 3,
      SIPI_RECEIVED = 4,
      AP_RESET_HOLD = 9;
}
