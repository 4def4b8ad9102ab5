package org.swtdx.kvm;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.memory.PhysicalAddressLayout;

/** KVM_GET_SUPPORTED_CPUID: what the processor and KVM together can give to a guest. */
final class SupportedCpuid {
  // DTES64, MONITOR, DS-CPL, VMX, SMX, xTPR, PDCM; OSXSAVE follows CR4
  private static final int LEAF1_ECX_CLEAR =
      1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 14 | 1 << 15 | 1 << 27;

  // DS, ACPI, HTT (user space sets it with the topology), TM, PBE
  private static final int LEAF1_EDX_CLEAR = 1 << 21 | 1 << 22 | 1 << 28 | 1 << 29 | 1 << 31;

  // bus-lock detection, PKS; OSPKE follows CR4
  private static final int LEAF7_ECX_CLEAR = 1 << 4 | 1 << 24 | 1 << 31;

  // CORE_CAPABILITIES
  private static final int LEAF7_EDX_CLEAR = 1 << 30;
  private static final int LEAF1_ECX_SET = 1 << 21 | 1 << 24 | 1 << 31;

  /** XCR0 bits that a guest can have: CPUID leaf 0xD. */
  static long xcr0(CpuidModel model) {
    CpuidModel.Result leaf = model.cpuid(0xd, 0);
    return (long) leaf.edx() << 32 | leaf.eax() & 0xffff_ffffL;
  }

  private static final int HYPERVISOR_BASE = 0x4000_0000;

  /** {@code KVM_FEATURE_*}: clock source, old and new, no I/O delay, the clock is stable. */
  private static final int PARAVIRTUAL_FEATURES = 1 | 1 << 1 | 1 << 3 | 1 << 24;

  private SupportedCpuid() {}

  private record Entry(int leaf, int index, boolean indexed, CpuidModel.Result value) {}

  /** All entries. */
  static KvmCpuid2 list(CpuidModel model, PhysicalAddressLayout layout) {
    List<Entry> entries = new ArrayList<>();
    addRange(entries, model, 0, layout);
    entries.add(
        new Entry(
            HYPERVISOR_BASE,
            0,
            false,
            // "KVMKVMKVM\0\0\0"
            new CpuidModel.Result(HYPERVISOR_BASE + 1, 0x4b4d_564b, 0x564b_4d56, 0x4d)));
    entries.add(
        new Entry(
            HYPERVISOR_BASE + 1, 0, false, new CpuidModel.Result(PARAVIRTUAL_FEATURES, 0, 0, 0)));
    addRange(entries, model, 0x8000_0000, layout);
    KvmCpuid2 out = new KvmCpuid2(entries.size());
    int at = 0;
    for (Entry entry : entries) {
      CpuidModel.Result v = entry.value();
      int flags = entry.indexed() ? KvmCpuid2.SIGNIFICANT_INDEX : 0;
      out.entry(at++, entry.leaf(), entry.index(), flags, v.eax(), v.ebx(), v.ecx(), v.edx());
    }
    return out;
  }

  private static void addRange(
      List<Entry> entries, CpuidModel model, int base, PhysicalAddressLayout layout) {
    int limit = model.cpuid(base, 0).eax();
    for (int leaf = base; Integer.compareUnsigned(leaf, limit) <= 0; leaf++) {
      int subleaves = subleaves(model, leaf);
      for (int i = 0; i < Math.max(subleaves, 1); i++) {
        CpuidModel.Result value = adjust(leaf, i, model.cpuid(leaf, i), layout);
        boolean empty = value.equals(CpuidModel.Result.ZERO);
        if (!empty || i == 0) {
          entries.add(new Entry(leaf, i, subleaves > 0, value));
        }
      }
    }
  }

  /** How many sub-leaves a leaf has; 0 when it takes none. */
  private static int subleaves(CpuidModel model, int leaf) {
    return switch (leaf) {
      case 4 -> {
        int count = 0;
        while ((model.cpuid(4, count).eax() & 0x1f) != 0) {
          count++;
        }
        yield count + 1;
      }
      case 7, 0x14, 0x1d, 0x23, 0x24 -> model.cpuid(leaf, 0).eax() + 1;
      case 0xb, 0x1f -> 3;
      case 0xd -> 64;
      case 0x12 -> 1;
      default -> 0;
    };
  }

  private static CpuidModel.Result adjust(
      int leaf, int subleaf, CpuidModel.Result v, PhysicalAddressLayout layout) {
    return switch (leaf) {
      case 1 ->
          new CpuidModel.Result(
              v.eax(),
              v.ebx(),
              v.ecx() & ~LEAF1_ECX_CLEAR | LEAF1_ECX_SET,
              v.edx() & ~LEAF1_EDX_CLEAR);
      case 7 ->
          subleaf != 0
              ? v
              : new CpuidModel.Result(
                  v.eax(), v.ebx(), v.ecx() & ~LEAF7_ECX_CLEAR, v.edx() & ~LEAF7_EDX_CLEAR);
      case 5, 6, 9, 0xa, 0xf, 0x10, 0x12, 0x14, 0x1b ->
          leaf == 6 ? new CpuidModel.Result(4, 0, 0, 0) : CpuidModel.Result.ZERO;
      case 0x8000_0008 -> {
        int bits = layout.maxPhysicalAddressBits();
        int guest = bits > 48 ? 52 : 48;
        yield new CpuidModel.Result(v.eax() & 0xff00 | bits | guest << 16, v.ebx(), 0, 0);
      }
      default -> v;
    };
  }
}
