package org.swtdx.vmm.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.swtdx.kvm.Kvm;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.cpu.CpuFeature;
import org.swtdx.vmm.cpu.CpuSelection;

/** The CPUID that vCPUs get: what KVM supports, with the topology of this machine. */
final class GuestCpuid {
  private static final int FEATURES = 1;
  private static final int CACHES = 4;
  private static final int STATE = 0xd;
  private static final int TOPOLOGY = 0xb;
  private static final int TOPOLOGY_V2 = 0x1f;
  private static final int ADDRESS_SIZES = 0x80000008;
  private static final int X2APIC = 1 << 21;
  private static final int HYPERVISOR = 1 << 31;
  private static final int HYPERTHREADING = 1 << 28;
  private static final int MAX_ENTRIES = 256;
  private static final int GPAW_SHIFT = 16;
  private static final int LEVEL_SMT = 1 << 8;
  private static final int LEVEL_CORE = 2 << 8;

  private final List<CpuidEntry> supported;
  private final int cpus;

  private GuestCpuid(List<CpuidEntry> supported, int cpus) {
    this.supported = supported;
    this.cpus = cpus;
  }

  /** Asks KVM what it supports. */
  static GuestCpuid supportedBy(Kvm kvm, int cpus) throws VmmException {
    int capacity = 16;
    KvmCpuid2 list = new KvmCpuid2(capacity);
    int result = kvm.getSupportedCpuid(list);
    while (result == -Errno.E2BIG && capacity < MAX_ENTRIES) {
      capacity *= 2;
      list = new KvmCpuid2(capacity);
      result = kvm.getSupportedCpuid(list);
    }
    Ioctl.check("KVM_GET_SUPPORTED_CPUID", result);
    return new GuestCpuid(entries(list), cpus);
  }

  static List<CpuidEntry> entries(KvmCpuid2 list) {
    List<CpuidEntry> entries = new ArrayList<>();
    for (int i = 0; i < list.nent(); i++) {
      entries.add(
          new CpuidEntry(
              list.function(i),
              list.index(i),
              list.flags(i),
              list.eax(i),
              list.ebx(i),
              list.ecx(i),
              list.edx(i)));
    }
    return entries;
  }

  /**
   * Returns the CPUID of a chosen processor.
   *
   * @param cpu the choice
   * @param type what a TD reports besides features is the TDX module's
   */
  GuestCpuid of(CpuSelection cpu, VmType type) {
    return new GuestCpuid(new ModelledCpuid(supported, cpu, type).entries(), cpus);
  }

  /** The named features that are there. */
  Set<CpuFeature> features() {
    return ModelledCpuid.features(supported);
  }

  /** XFAM bits that the supported CPUID enumerates in leaf 0xd. */
  long xfam() {
    long user = 0;
    long supervisor = 0;
    for (CpuidEntry e : supported) {
      if (e.function() == STATE && e.index() == 0) {
        user = Integer.toUnsignedLong(e.eax()) | (long) e.edx() << 32;
      } else if (e.function() == STATE && e.index() == 1) {
        supervisor = Integer.toUnsignedLong(e.ecx()) | (long) e.edx() << 32;
      }
    }
    return user | supervisor;
  }

  /** Returns a vCPU's list, for KVM_SET_CPUID2. */
  KvmCpuid2 forVcpu(int apicId) {
    return list(build(apicId));
  }

  /**
   * Returns what KVM_TDX_INIT_VM takes: the configurable bits of the configurable leaves.
   *
   * @param configurable the masks in KVM_TDX_CAPABILITIES
   */
  List<CpuidEntry> forTd(List<CpuidEntry> configurable) {
    List<CpuidEntry> built = build(0);
    List<CpuidEntry> result = new ArrayList<>();
    for (CpuidEntry mask : configurable) {
      built.stream()
          .filter(e -> e.function() == mask.function() && e.index() == mask.index())
          .findFirst()
          .map(
              e ->
                  new CpuidEntry(
                      e.function(),
                      e.index(),
                      e.flags(),
                      e.eax() & mask.eax(),
                      e.ebx() & mask.ebx(),
                      e.ecx() & mask.ecx(),
                      e.edx() & mask.edx()))
          .ifPresent(result::add);
    }
    return result;
  }

  private List<CpuidEntry> build(int apicId) {
    List<CpuidEntry> result = new ArrayList<>();
    for (CpuidEntry e : supported) {
      switch (e.function()) {
        case FEATURES -> result.add(features(e, apicId));
        case CACHES -> result.add(cache(e));
        case ADDRESS_SIZES -> result.add(addressSizes(e));
        case TOPOLOGY, TOPOLOGY_V2 -> {} // replaced below
        default -> result.add(e);
      }
    }
    addTopology(result, TOPOLOGY, apicId);
    if (maxLeaf() >= TOPOLOGY_V2) {
      addTopology(result, TOPOLOGY_V2, apicId);
    }
    return result;
  }

  private int maxLeaf() {
    return supported.stream()
        .filter(e -> e.function() == 0)
        .mapToInt(CpuidEntry::eax)
        .findFirst()
        .orElse(0);
  }

  private CpuidEntry features(CpuidEntry e, int apicId) {
    int ebx = e.ebx() & 0xffff | cpus << 16 | apicId << 24;
    int edx = cpus > 1 ? e.edx() | HYPERTHREADING : e.edx() & ~HYPERTHREADING;
    return e.withRegisters(e.eax(), ebx, e.ecx() | X2APIC | HYPERVISOR, edx);
  }

  /** Every CPU is a core with caches of its own, except the last level that all share. */
  private CpuidEntry cache(CpuidEntry e) {
    int level = e.eax() >>> 5 & 7;
    int sharing = level >= 3 ? (1 << coreBits()) - 1 : 0;
    int eax = e.eax() & 0x3fff | sharing << 14 | (1 << coreBits()) - 1 << 26;
    return e.withRegisters((e.eax() & 0x1f) == 0 ? 0 : eax, e.ebx(), e.ecx(), e.edx());
  }

  private static CpuidEntry addressSizes(CpuidEntry e) {
    int gpaw = e.eax() >>> GPAW_SHIFT & 0xff;
    int chosen = gpaw == 52 ? 52 : 48;
    int eax = e.eax() & ~(0xff << GPAW_SHIFT) | chosen << GPAW_SHIFT;
    return e.withRegisters(eax, e.ebx(), e.ecx(), e.edx());
  }

  private void addTopology(List<CpuidEntry> list, int leaf, int apicId) {
    int flag = KvmCpuid2.SIGNIFICANT_INDEX;
    list.add(new CpuidEntry(leaf, 0, flag, 0, 1, LEVEL_SMT, apicId));
    list.add(new CpuidEntry(leaf, 1, flag, coreBits(), cpus, LEVEL_CORE | 1, apicId));
    list.add(new CpuidEntry(leaf, 2, flag, 0, 0, 2, apicId));
  }

  private int coreBits() {
    return 32 - Integer.numberOfLeadingZeros(cpus - 1);
  }

  static KvmCpuid2 list(List<CpuidEntry> entries) {
    KvmCpuid2 list = new KvmCpuid2(entries.size());
    fill(list, entries);
    return list;
  }

  static void fill(KvmCpuid2 list, List<CpuidEntry> entries) {
    list.nent(entries.size());
    int at = 0;
    for (CpuidEntry e : entries) {
      list.entry(at++, e.function(), e.index(), e.flags(), e.eax(), e.ebx(), e.ecx(), e.edx());
    }
  }
}
