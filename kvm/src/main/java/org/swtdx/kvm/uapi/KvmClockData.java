package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** The kvmclock of a VM. */
public final class KvmClockData extends Struct {
  /** {@code sizeof(struct kvm_clock_data)} in bytes. */
  public static final int SIZE = 48;

  /** Creates a zeroed structure. */
  public KvmClockData() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmClockData(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Nanoseconds. */
  public long clock() {
    return u64(0);
  }

  /** Sets {@link #clock()}. */
  public KvmClockData clock(long value) {
    putU64(0, value);
    return this;
  }

  /** {@code KVM_CLOCK_*}. */
  public int flags() {
    return u32(8);
  }

  /** Sets {@link #flags()}. */
  public KvmClockData flags(int value) {
    putU32(8, value);
    return this;
  }

  /** CLOCK_REALTIME at the same instant, nanoseconds. */
  public long realtime() {
    return u64(16);
  }

  /** Sets {@link #realtime()}. */
  public KvmClockData realtime(long value) {
    putU64(16, value);
    return this;
  }

  /** Host TSC at the same instant. */
  public long hostTsc() {
    return u64(24);
  }

  /** Sets {@link #hostTsc()}. */
  public KvmClockData hostTsc(long value) {
    putU64(24, value);
    return this;
  }
}
