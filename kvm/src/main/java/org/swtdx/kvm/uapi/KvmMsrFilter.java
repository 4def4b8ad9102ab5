package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_X86_SET_MSR_FILTER}. */
public final class KvmMsrFilter extends Struct {
  /** Its size in bytes. */
  public static final int SIZE = 392;

  /** Creates a zeroed structure. */
  public KvmMsrFilter() {
    this(MemorySegment.ofArray(new byte[SIZE]));
  }

  /** Lays the structure over {@code segment}. */
  public KvmMsrFilter(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** {@link #DEFAULT_DENY} or 0. */
  public int flags() {
    return u32(0);
  }

  /** Sets {@link #flags()}. */
  public KvmMsrFilter flags(int value) {
    putU32(0, value);
    return this;
  }

  /** What the bitmap of range {@code index} is for: {@link #READ}, {@link #WRITE}. */
  public int rangeFlags(int index) {
    return u32(8 + 24L * index);
  }

  /** Sets {@link #rangeFlags(int)}. */
  public KvmMsrFilter rangeFlags(int index, int value) {
    putU32(8 + 24L * index, value);
    return this;
  }

  /** MSRs in range {@code index}; 0 if it is unused. */
  public int nmsrs(int index) {
    return u32(12 + 24L * index);
  }

  /** Sets {@link #nmsrs(int)}. */
  public KvmMsrFilter nmsrs(int index, int value) {
    putU32(12 + 24L * index, value);
    return this;
  }

  /** First MSR of range {@code index}. */
  public int base(int index) {
    return u32(16 + 24L * index);
  }

  /** Sets {@link #base(int)}. */
  public KvmMsrFilter base(int index, int value) {
    putU32(16 + 24L * index, value);
    return this;
  }

  /** User address of the bitmap of range {@code index}; a set bit allows. */
  public long bitmap(int index) {
    return u64(24 + 24L * index);
  }

  /** Sets {@link #bitmap(int)}. */
  public KvmMsrFilter bitmap(int index, long value) {
    putU64(24 + 24L * index, value);
    return this;
  }

  /** MSRs in no range are denied. */
  public static final int DEFAULT_DENY = 1;

  /** The range is about reads. */
  public static final int READ = 1;

  /** The range is about writes. */
  public static final int WRITE = 2;

  /** Number of ranges. */
  public static final int RANGES = 16;
}
