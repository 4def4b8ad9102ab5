package org.swtdx.kvm;

import org.swtdx.kvm.uapi.KvmCpuid2;

/** KVM_GET_EMULATED_CPUID: what a guest can be given though the processor may not have it. */
final class EmulatedCpuid {
  private static final int MOVBE = 1 << 22, RDPID = 1 << 22;
  private static final int HIGHEST = 7;

  private EmulatedCpuid() {}

  static KvmCpuid2 list() {
    return new KvmCpuid2(3)
        .entry(0, 0, 0, 0, HIGHEST, 0, 0, 0)
        .entry(1, 1, 0, 0, 0, 0, MOVBE, 0)
        .entry(2, HIGHEST, 0, KvmCpuid2.SIGNIFICANT_INDEX, 0, 0, RDPID, 0);
  }
}
