package org.swtdx.tdxmodule.virt;

import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

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
  private static final int LAST_LEGACY_SUBLEAF = 2;
  private static final int ADDRESS_SIZES = 0x80000008;
  private static final int LA57_BIT = 16;
  private static final int FAMILY_MODEL_STEPPING = 0x0fff3fff;
  private static final int ARCH_CAPABILITIES = 0x10a;

  private final TdCpuid cpuid;
  private final TdParameters td;
  private final int[] config;

  CpuidFeatureRules(TdCpuid cpuid, TdParameters td, int[] config) {
    this.cpuid = cpuid;
    this.td = td;
    this.config = config;
  }

  /** Checks what is more than masks in the configuration of one leaf. */
  void check(int leaf, int subleaf) throws Refusal, TdParameters.CpuidRefusal {
    switch (leaf) {
      case 1 -> {
        int chosen = config[configOf(1, -1)];
        if (chosen != 0 && chosen != signature()) {
          throw new TdParameters.CpuidRefusal(new TdCpuid.LeafId(1, subleaf));
        }
      }
      case 7 -> {
        if (subleaf == 0) {
          checkTsx();
        }
      }
      case ADDRESS_SIZES -> {
        int chosen = cpuid.get(ADDRESS_SIZES, 0, EAX) & 0xff;
        boolean valid =
            chosen == 0
                || chosen >= TdParameters.MIN_PHYSICAL_ADDRESS_WIDTH
                    && chosen <= Math.min(ownAddressWidth(), td.guestPhysicalAddressWidth());
        // No entry is named: RCX stays 0.
        Refusal.operandInvalidIf(isAddressWidthChosen() && !valid, Operand.CPUID_CONFIG);
      }
      default -> {}
    }
  }

  // HLE and RTM only come together. IA32_TSX_CTRL, without which no TD can have them, is not among
  // this processor's capabilities.
  private void checkTsx() throws Refusal, TdParameters.CpuidRefusal {
    boolean rtm = cpuid.has(7, 0, EBX, RTM_BIT);
    if (cpuid.has(7, 0, EBX, HLE_BIT) != rtm) {
      throw new TdParameters.CpuidRefusal(new TdCpuid.LeafId(7, 0));
    }
    Refusal.unless(!rtm, Status.with(Status.INCORRECT_MSR_VALUE, ARCH_CAPABILITIES));
  }

  /** Sets what follows from the features of the TD; refuses a topology that makes no sense. */
  void apply() throws Refusal {
    identity();
    leavesByFeature();
    xsave();
    cpuid.set(0x15, 0, EBX, td.tscFrequency());
    addressSizes();
    topology();
  }

  /**
   * Checks leaf 0x1F, where levels ascend from a first one, tell their sub-leaf, and one of them is
   * the core; derives leaf 0xB. If the host left leaf 0x1F zero, it is the processor's own.
   */
  private void topology() throws Refusal {
    boolean own = isZero(0);
    int level = 0;
    int last = 0;
    boolean core = false;
    for (int sub = 0; sub <= LAST_TOPOLOGY_SUBLEAF; sub++) {
      boolean valid = !own || isZero(sub);
      if (own) {
        ownTopology(sub);
      }
      int before = level;
      int ecx = cpuid.get(0x1f, sub, ECX);
      level = ecx >>> 8 & 0xff;
      if (level == 0) {
        valid &= sub != 0 && core;
      } else {
        valid &= level > before && level <= LAST_LEVEL && (ecx & 0xff) == sub;
        valid &= level != SMT_LEVEL || sub == 0;
        last = sub;
      }
      core |= level == CORE_LEVEL;
      Refusal.unless(valid, Status.CPUID_LEAF_1F_FORMAT_UNRECOGNIZED);
    }
    deriveLegacyTopology(last);
  }

  private boolean isZero(int sub) {
    return (cpuid.get(0x1f, sub, EAX) | cpuid.get(0x1f, sub, EBX) | cpuid.get(0x1f, sub, ECX)) == 0;
  }

  private static int configOf(int leaf, int subleaf) {
    for (int i = 0; i < TdCpuid.configCount(); i++) {
      if (TdCpuid.configLeaf(i) == leaf && TdCpuid.configSubleaf(i) == subleaf) {
        return 4 * i;
      }
    }
    throw new IllegalStateException("leaf " + leaf + " is not configurable");
  }

  private int signature() {
    return cpuid.processor().cpuid(1, 0).eax() & FAMILY_MODEL_STEPPING;
  }

  private void identity() {
    if (cpuid.get(1, 0, EAX) == 0) {
      cpuid.set(1, 0, EAX, signature());
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

  private boolean isAddressWidthChosen() {
    return (td.configFlags() & TdParameters.MAXPA_VIRT) != 0;
  }

  private int ownAddressWidth() {
    return cpuid.processor().cpuid(ADDRESS_SIZES, 0).eax() & 0xff;
  }

  private void addressSizes() {
    int eax = cpuid.get(ADDRESS_SIZES, 0, EAX);
    int width = ownAddressWidth();
    if (isAddressWidthChosen()) {
      int chosen = eax & 0xff;
      width = chosen == 0 ? Math.min(width, td.guestPhysicalAddressWidth()) : chosen;
    }
    int linear = cpuid.has(7, 0, ECX, LA57_BIT) ? 57 : 48;
    cpuid.set(ADDRESS_SIZES, 0, EAX, eax & ~0xffff | linear << 8 | width);
  }

  private void ownTopology(int sub) {
    var own = cpuid.processor().cpuid(0x1f, sub);
    cpuid.set(0x1f, sub, EAX, own.eax() & 0x1f);
    cpuid.set(0x1f, sub, EBX, own.ebx() & 0xffff);
    cpuid.set(0x1f, sub, ECX, own.ecx() & 0xffff);
  }

  // Leaf 0xB knows two levels: what shares a core, if the TD has that, and all below the package.
  private void deriveLegacyTopology(int last) {
    boolean threads = cpuid.get(0x1f, 0, ECX) >>> 8 == SMT_LEVEL;
    for (int sub = 0; sub <= LAST_LEGACY_SUBLEAF; sub++) {
      clear(0xb, sub);
    }
    if (threads) {
      level(0, 0, SMT_LEVEL);
    }
    level(threads ? 1 : 0, last, CORE_LEVEL);
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
