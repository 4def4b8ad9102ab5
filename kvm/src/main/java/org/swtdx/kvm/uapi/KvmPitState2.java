package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_GET_PIT2} and {@code KVM_SET_PIT2}. */
public final class KvmPitState2 extends Struct {
  /** {@code sizeof(struct kvm_pit_state2)} in bytes. */
  public static final int SIZE = 112;

  /** {@code sizeof(struct kvm_pit_channel_state)} in bytes. */
  public static final int CHANNEL_BYTES = 24;

  /** {@code KVM_PIT_FLAGS_HPET_LEGACY}: channel 0 raises no interrupt. */
  public static final int HPET_LEGACY = 1;

  /** {@code KVM_PIT_FLAGS_SPEAKER_DATA_ON}. */
  public static final int SPEAKER_DATA_ON = 2;

  private static final int FLAGS = 72;

  /** Creates a zeroed structure. */
  public KvmPitState2() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmPitState2(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** A channel, 0 to 2. */
  public KvmPitChannelState channel(int index) {
    long at = (long) CHANNEL_BYTES * index;
    return new KvmPitChannelState(
        u32(at),
        u16(at + 4),
        u8(at + 6),
        u8(at + 7),
        u8(at + 8),
        u8(at + 9),
        u8(at + 10),
        u8(at + 11),
        u8(at + 12),
        u8(at + 13),
        u8(at + 14),
        u8(at + 15),
        u64(at + 16));
  }

  /** Sets {@link #channel(int)}. */
  public KvmPitState2 channel(int index, KvmPitChannelState state) {
    long at = (long) CHANNEL_BYTES * index;
    putU32(at, state.count());
    putU16(at + 4, state.latchedCount());
    putU8(at + 6, state.countLatched());
    putU8(at + 7, state.statusLatched());
    putU8(at + 8, state.status());
    putU8(at + 9, state.readState());
    putU8(at + 10, state.writeState());
    putU8(at + 11, state.writeLatch());
    putU8(at + 12, state.rwMode());
    putU8(at + 13, state.mode());
    putU8(at + 14, state.bcd());
    putU8(at + 15, state.gate());
    putU64(at + 16, state.loadTime());
    return this;
  }

  /** {@code KVM_PIT_FLAGS_*}. */
  public int flags() {
    return u32(FLAGS);
  }

  /** Sets {@link #flags()}. */
  public KvmPitState2 flags(int value) {
    putU32(FLAGS, value);
    return this;
  }
}
