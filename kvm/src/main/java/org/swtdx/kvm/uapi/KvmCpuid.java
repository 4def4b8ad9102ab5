package org.swtdx.kvm.uapi;

import java.lang.foreign.MemorySegment;

/** Argument of {@code KVM_SET_CPUID}: a list of CPUID leaves without sub-leaves. */
public final class KvmCpuid extends Struct {
  /** {@code sizeof(struct kvm_cpuid)} in bytes, entries not counted. */
  public static final int SIZE = 8;

  /** {@code sizeof} one entry in bytes. */
  public static final int ENTRY_SIZE = 24;

  /** Creates a zeroed structure with room for {@code capacity} entries, and nent set to it. */
  public KvmCpuid(int capacity) {
    super(MemorySegment.ofArray(new byte[SIZE + capacity * ENTRY_SIZE]), SIZE);
    putU32(0, capacity);
  }

  /** Number of entries. */
  public int nent() {
    return u32(0);
  }

  /** Word {@code word} of entry {@code index}: leaf, EAX, EBX, ECX, EDX. */
  public int word(int index, int word) {
    return u32(SIZE + (long) ENTRY_SIZE * index + 4L * word);
  }

  /** The same leaves as a list with sub-leaves. */
  public KvmCpuid2 toCpuid2(int entries) {
    KvmCpuid2 result = new KvmCpuid2(entries);
    for (int i = 0; i < entries; i++) {
      result.entry(i, word(i, 0), 0, 0, word(i, 1), word(i, 2), word(i, 3), word(i, 4));
    }
    return result;
  }
}
