package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_CREATE_PIT2}. */
public final class KvmPitConfig extends Struct {
  /** {@code sizeof(struct kvm_pit_config)} in bytes. */
  public static final int SIZE = 64;

  /** Creates a zeroed structure. */
  public KvmPitConfig() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmPitConfig(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** {@code KVM_PIT_SPEAKER_DUMMY} (1): port 0x61 is the kernel's, which it is in any case. */
  public int flags() {
    return u32(0);
  }

  /** Sets {@link #flags()}. */
  public KvmPitConfig flags(int value) {
    putU32(0, value);
    return this;
  }
}
