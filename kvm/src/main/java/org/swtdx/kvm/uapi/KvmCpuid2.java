package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** A list of CPUID entries. */
public final class KvmCpuid2 extends Struct {
  /** {@code sizeof(struct kvm_cpuid2)} in bytes, entries not counted. */
  public static final int SIZE = 8;

  /** {@code sizeof} one entry in bytes. */
  public static final int ENTRY_SIZE = 40;

  /** Bytes of an entry before its padding. */
  public static final int MEANINGFUL = 28;

  /** Creates a zeroed structure with room for {@code capacity} entries, and nent set to it. */
  public KvmCpuid2(int capacity) {
    this(MemorySegment.ofArray(new byte[SIZE + capacity * ENTRY_SIZE]));
    nent(capacity);
  }

  /** Number of entries that the memory behind this structure has room for. */
  public int capacity() {
    return (int) ((segment().byteSize() - SIZE) / ENTRY_SIZE);
  }

  /** Lays the structure over {@code segment}. */
  public KvmCpuid2(MemorySegment segment) {
    super(segment, SIZE);
  }

  /** Number of entries; on input the capacity. */
  public int nent() {
    return u32(0);
  }

  /** Sets {@link #nent()}. */
  public KvmCpuid2 nent(int value) {
    putU32(0, value);
    return this;
  }

  /** Must be zero. */
  public int padding() {
    return u32(4);
  }

  /** Sets {@link #padding()}. */
  public KvmCpuid2 padding(int value) {
    putU32(4, value);
    return this;
  }

  /** Leaf of entry {@code index}. */
  public int function(int index) {
    return u32(8 + 40L * index);
  }

  /** Sets {@link #function(int)}. */
  public KvmCpuid2 function(int index, int value) {
    putU32(8 + 40L * index, value);
    return this;
  }

  /** Sub-leaf of entry {@code index}. */
  public int index(int index) {
    return u32(12 + 40L * index);
  }

  /** Sets {@link #index(int)}. */
  public KvmCpuid2 index(int index, int value) {
    putU32(12 + 40L * index, value);
    return this;
  }

  /** Flags of entry {@code index}; bit 0: the sub-leaf is significant. */
  public int flags(int index) {
    return u32(16 + 40L * index);
  }

  /** Sets {@link #flags(int)}. */
  public KvmCpuid2 flags(int index, int value) {
    putU32(16 + 40L * index, value);
    return this;
  }

  /** EAX of entry {@code index}. */
  public int eax(int index) {
    return u32(20 + 40L * index);
  }

  /** Sets {@link #eax(int)}. */
  public KvmCpuid2 eax(int index, int value) {
    putU32(20 + 40L * index, value);
    return this;
  }

  /** EBX of entry {@code index}. */
  public int ebx(int index) {
    return u32(24 + 40L * index);
  }

  /** Sets {@link #ebx(int)}. */
  public KvmCpuid2 ebx(int index, int value) {
    putU32(24 + 40L * index, value);
    return this;
  }

  /** ECX of entry {@code index}. */
  public int ecx(int index) {
    return u32(28 + 40L * index);
  }

  /** Sets {@link #ecx(int)}. */
  public KvmCpuid2 ecx(int index, int value) {
    putU32(28 + 40L * index, value);
    return this;
  }

  /** EDX of entry {@code index}. */
  public int edx(int index) {
    return u32(32 + 40L * index);
  }

  /** Sets {@link #edx(int)}. */
  public KvmCpuid2 edx(int index, int value) {
    putU32(32 + 40L * index, value);
    return this;
  }

  /** {@code KVM_CPUID_FLAG_SIGNIFCANT_INDEX}: the entry answers one sub-leaf only. */
  public static final int SIGNIFICANT_INDEX = 1;

  /** Writes all of entry {@code at}. */
  public KvmCpuid2 entry(
      int at, int function, int index, int flags, int eax, int ebx, int ecx, int edx) {
    function(at, function).index(at, index).flags(at, flags);
    return eax(at, eax).ebx(at, ebx).ecx(at, ecx).edx(at, edx);
  }

  /** Whether the padding of one of the first {@code count} entries is not zero. */
  public boolean hasPadding(int count) {
    for (int i = 0; i < count; i++) {
      for (int at = MEANINGFUL; at < ENTRY_SIZE; at += Integer.BYTES) {
        if (u32(SIZE + (long) ENTRY_SIZE * i + at) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** Returns the position of the entry that answers a leaf and sub-leaf, or -1. */
  public int find(int function, int index) {
    int count = Math.min(nent(), capacity());
    for (int i = 0; i < count; i++) {
      if (function(i) == function && ((flags(i) & SIGNIFICANT_INDEX) == 0 || index(i) == index)) {
        return i;
      }
    }
    return -1;
  }
}
