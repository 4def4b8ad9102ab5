package org.swtdx.kvm;

import org.swtdx.kvm.uapi.KvmCpuid2;

/** The CPUID entries of a vCPU as user space set them. Immutable. */
final class GuestCpuid {
  static final GuestCpuid EMPTY = new GuestCpuid(new KvmCpuid2(0));

  private static final int DEFAULT_PHYSICAL_BITS = 36;
  private static final int HYPERVISOR = 0x4000_0000;
  private static final int HYPERVISOR_RANGE = 0x1_0000, HYPERVISOR_STEP = 0x100;

  private final KvmCpuid2 entries;

  private GuestCpuid(KvmCpuid2 entries) {
    this.entries = entries;
  }

  static GuestCpuid copyOf(KvmCpuid2 source) {
    KvmCpuid2 copy = new KvmCpuid2(source.nent());
    java.lang.foreign.MemorySegment.copy(
        source.segment(), 0, copy.segment(), 0, copy.segment().byteSize());
    return new GuestCpuid(copy);
  }

  KvmCpuid2 entries() {
    return entries;
  }

  /** Whether two lists have the same entries in the same order, whatever their padding is. */
  static boolean areSame(KvmCpuid2 one, KvmCpuid2 other) {
    if (one.nent() != other.nent()) {
      return false;
    }
    for (int i = 0; i < one.nent(); i++) {
      long at = KvmCpuid2.SIZE + (long) KvmCpuid2.ENTRY_SIZE * i;
      if (one.segment()
              .asSlice(at, KvmCpuid2.MEANINGFUL)
              .mismatch(other.segment().asSlice(at, KvmCpuid2.MEANINGFUL))
          >= 0) {
        return false;
      }
    }
    return true;
  }

  /** Writes EAX, EBX, ECX and EDX of a leaf to {@code out}, zeros for a leaf that is not there. */
  void query(int function, int index, int[] out) {
    int at = entries.find(function, index);
    if (at < 0) {
      at = outOfRange(function, index);
    }
    out[0] = at < 0 ? 0 : entries.eax(at);
    out[1] = at < 0 ? 0 : entries.ebx(at);
    out[2] = at < 0 ? 0 : entries.ecx(at);
    out[3] = at < 0 ? 0 : entries.edx(at);
  }

  /** An Intel processor answers leaves beyond the highest basic one with that one. */
  private int outOfRange(int function, int index) {
    int basic = entries.find(0, 0);
    int range = function & 0x8000_0000;
    if (basic < 0 || (function & 0x4000_0000) != 0) {
      return -1;
    }
    int limit = range == 0 ? basic : entries.find(range, 0);
    if (limit >= 0 && Integer.compareUnsigned(function, entries.eax(limit)) <= 0) {
      return -1;
    }
    return entries.find(entries.eax(basic), index);
  }

  /** {@code KVM_FEATURE_*}: EAX of the leaf behind the one with KVM's signature. */
  int paravirtualFeatures() {
    for (int base = HYPERVISOR; base < HYPERVISOR + HYPERVISOR_RANGE; base += HYPERVISOR_STEP) {
      int at = entries.find(base, 0);
      if (at >= 0
          && entries.ebx(at) == 0x4b4d_564b
          && entries.ecx(at) == 0x564b_4d56
          && entries.edx(at) == 0x4d) {
        int features = entries.find(base + 1, 0);
        return features < 0 ? 0 : entries.eax(features);
      }
    }
    return 0;
  }

  /** MAXPHYADDR of the guest. */
  int physicalBits() {
    int at = entries.find(0x8000_0008, 0);
    int bits = at < 0 ? 0 : entries.eax(at) & 0xff;
    return bits == 0 ? DEFAULT_PHYSICAL_BITS : bits;
  }

  /** Whether leaf 1 has a bit of ECX. */
  boolean leaf1Ecx(int bit) {
    int at = entries.find(1, 0);
    return at >= 0 && (entries.ecx(at) >>> bit & 1) != 0;
  }
}
