package org.swtdx.tdxmodule.virt;

/**
 * The rules of CPUID virtualization that are more than masks: leaves that exist with a feature
 * only, values computed from TD_PARAMS, and topology.
 */
final class CpuidFeatureRules {
  private static final int EAX = 0;
  private static final int EBX = 1;
  private static final int ECX = 2;
  private static final int EDX = 3;

  private static final int MONITOR_BIT = 3;
  private static final int HLE_BIT = 4;
  private static final int RTM_BIT = 11;
  private static final int XFD_BIT = 4;
  private static final int LAST_TOPOLOGY_SUBLEAF = 5;
  private static final int SMT_LEVEL = 1;
  private static final int CORE_LEVEL = 2;
  private static final int LAST_LEVEL = 5; // die

  private final TdCpuid cpuid;
  private final TdParameters td;

  CpuidFeatureRules(TdCpuid cpuid, TdParameters td) {
    this.cpuid = cpuid;
    this.td = td;
  }

  void apply(int[] config) {
    identity(config);
    leavesByFeature();
    xsave();
    cpuid.set(0x15, 0, EBX, td.tscFrequency());
    addressSizes();
    if (topologyConfigured()) {
      deriveLegacyTopology();
    } else {
      nativeTopology();
    }
  }

  /** Whether HLE and RTM, which only come together, have one value. */
  boolean isTsxConsistent() {
    return cpuid.has(7, 0, EBX, HLE_BIT) == cpuid.has(7, 0, EBX, RTM_BIT);
  }

  /**
   * Whether leaf 0x1F makes sense: levels ascend, one of them is the core, and after the last one
   * there is nothing. All zero means the processor's own.
   */
  boolean isTopologyValid(int[] config) {
    int first = configOf(0);
    boolean given = config[first] != 0 || config[first + EBX] != 0 || config[first + ECX] != 0;
    boolean core = false;
    int level = 0;
    for (int sub = 0; sub <= LAST_TOPOLOGY_SUBLEAF; sub++) {
      int at = configOf(sub);
      if (!given && (config[at] | config[at + EBX] | config[at + ECX]) != 0) {
        return false;
      }
      int before = level;
      level = config[at + ECX] >>> 8 & 0xff;
      core |= level == CORE_LEVEL;
      boolean wrong = level == 0 ? sub == 0 || !core : level <= before || level > LAST_LEVEL;
      if (given && wrong) {
        return false;
      }
    }
    return true;
  }

  private static int configOf(int topologySubleaf) {
    for (int i = 0; i < TdCpuid.configCount(); i++) {
      if (TdCpuid.configLeaf(i) == 0x1f && TdCpuid.configSubleaf(i) == topologySubleaf) {
        return 4 * i;
      }
    }
    throw new IllegalStateException("the table has no sub-leaf " + topologySubleaf + " of 0x1f");
  }

  private void identity(int[] config) {
    if (config[0] == 0) {
      cpuid.set(1, 0, EAX, cpuid.processor().cpuid(1, 0).eax() & 0x0fff3fff);
    }
    int ecx = cpuid.get(7, 0, ECX);
    boolean pks = (td.attributes() & TdAttributes.PKS) != 0;
    cpuid.set(7, 0, ECX, pks ? ecx | 1 << 31 : ecx & ~(1 << 31));
    int eax = cpuid.get(7, 1, EAX);
    boolean lass = (td.attributes() & TdAttributes.LASS) != 0;
    cpuid.set(7, 1, EAX, lass ? eax | 1 << 6 : eax & ~(1 << 6));
  }

  private void leavesByFeature() {
    if (!cpuid.has(1, 0, ECX, MONITOR_BIT)) {
      clear(5, 0);
    }
    if ((td.attributes() & TdAttributes.PERFMON) == 0) {
      clear(0xa, 0);
      for (int sub = 0; sub <= 3; sub++) {
        clear(0x23, sub);
      }
    }
    clearUnless(Xfam.PT_BIT, 0x14, 0);
    clearUnless(Xfam.PT_BIT, 0x14, 1);
    clearUnless(Xfam.LBR_BIT, 0x1c, 0);
    if ((td.xfam() & Xfam.AMX) != Xfam.AMX) {
      clear(0x1d, 0);
      clear(0x1d, 1);
    }
  }

  private void xsave() {
    long user = td.xfam() & Xfam.USER;
    long supervisor = td.xfam() & ~Xfam.USER;
    cpuid.set(0xd, 0, EAX, cpuid.get(0xd, 0, EAX) & (int) user);
    cpuid.set(0xd, 0, ECX, Xfam.standardSize(cpuid.processor(), user));
    cpuid.set(0xd, 1, ECX, cpuid.get(0xd, 1, ECX) & (int) supervisor);
    if ((td.xfam() & Xfam.AMX) != Xfam.AMX) {
      cpuid.set(0xd, 1, EAX, cpuid.get(0xd, 1, EAX) & ~(1 << XFD_BIT));
    }
    for (int component = 2; component <= 18; component++) {
      clearUnless(component, 0xd, component);
    }
  }

  private void addressSizes() {
    int eax = cpuid.get(0x80000008, 0, EAX);
    int own = cpuid.processor().cpuid(0x80000008, 0).eax() & 0xff;
    int width = own;
    if ((td.configFlags() & TdParameters.MAXPA_VIRT) != 0) {
      int chosen = eax & 0xff;
      width = chosen == 0 ? Math.min(own, td.guestPhysicalAddressWidth()) : chosen;
    }
    cpuid.set(0x80000008, 0, EAX, eax & ~0xff | width);
  }

  private boolean topologyConfigured() {
    for (int sub = 0; sub <= LAST_TOPOLOGY_SUBLEAF; sub++) {
      if ((cpuid.get(0x1f, sub, EAX) | cpuid.get(0x1f, sub, EBX) | cpuid.get(0x1f, sub, ECX))
          != 0) {
        return true;
      }
    }
    return false;
  }

  private void nativeTopology() {
    for (int sub = 0; sub <= LAST_TOPOLOGY_SUBLEAF; sub++) {
      var own = cpuid.processor().cpuid(0x1f, sub);
      cpuid.set(0x1f, sub, EAX, own.eax() & 0x1f);
      cpuid.set(0x1f, sub, EBX, own.ebx() & 0xffff);
      cpuid.set(0x1f, sub, ECX, own.ecx() & 0xffff);
    }
  }

  // Leaf 0xB knows two levels: what shares a core, and everything below the package.
  private void deriveLegacyTopology() {
    clear(0xb, 0);
    clear(0xb, 1);
    int last = 0;
    for (int sub = 0; sub <= LAST_TOPOLOGY_SUBLEAF; sub++) {
      int type = cpuid.get(0x1f, sub, ECX) >>> 8;
      if (type == SMT_LEVEL) {
        level(0, sub, SMT_LEVEL);
      }
      if (type != 0) {
        last = sub;
      }
    }
    level(1, last, CORE_LEVEL);
  }

  private void level(int target, int source, int type) {
    cpuid.set(0xb, target, EAX, cpuid.get(0x1f, source, EAX));
    cpuid.set(0xb, target, EBX, cpuid.get(0x1f, source, EBX));
    cpuid.set(0xb, target, ECX, type << 8 | target);
  }

  private void clearUnless(int xfamBit, int leaf, int subleaf) {
    if ((td.xfam() >>> xfamBit & 1) == 0) {
      clear(leaf, subleaf);
    }
  }

  private void clear(int leaf, int subleaf) {
    for (int r = EAX; r <= EDX; r++) {
      cpuid.set(leaf, subleaf, r, 0);
    }
  }
}
