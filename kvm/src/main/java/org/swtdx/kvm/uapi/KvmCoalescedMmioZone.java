package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_REGISTER_COALESCED_MMIO}. */
public final class KvmCoalescedMmioZone extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 16;

  /** Creates a zeroed structure. */
  public KvmCoalescedMmioZone() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmCoalescedMmioZone(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** First address or port. */
  public long addr() {
    return u64(0);
  }

  /** Sets {@link #addr()}. */
  public KvmCoalescedMmioZone addr(long value) {
    putU64(0, value);
    return this;
  }

  /** Bytes. */
  public int size() {
    return u32(8);
  }

  /** Sets {@link #size()}. */
  public KvmCoalescedMmioZone size(int value) {
    putU32(8, value);
    return this;
  }

  /** 1 for ports, 0 for memory. */
  public int pio() {
    return u32(12);
  }

  /** Sets {@link #pio()}. */
  public KvmCoalescedMmioZone pio(int value) {
    putU32(12, value);
    return this;
  }
}
