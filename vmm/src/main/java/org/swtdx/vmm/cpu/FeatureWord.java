package org.swtdx.vmm.cpu;

/** A register of a CPUID leaf in which each bit is a feature. */
public enum FeatureWord {
  /** CPUID.1:EDX. */
  BASIC_EDX(1, 0, FeatureWord.EDX),
  /** CPUID.1:ECX. */
  BASIC_ECX(1, 0, FeatureWord.ECX),
  /** CPUID.6:EAX. */
  POWER_EAX(6, 0, FeatureWord.EAX),
  /** CPUID.7.0:EBX. */
  STRUCTURED_EBX(7, 0, FeatureWord.EBX),
  /** CPUID.7.0:ECX. */
  STRUCTURED_ECX(7, 0, FeatureWord.ECX),
  /** CPUID.7.0:EDX. */
  STRUCTURED_EDX(7, 0, FeatureWord.EDX),
  /** CPUID.7.1:EAX. */
  STRUCTURED_1_EAX(7, 1, FeatureWord.EAX),
  /** CPUID.7.2:EDX. */
  STRUCTURED_2_EDX(7, 2, FeatureWord.EDX),
  /** CPUID.D.1:EAX. */
  XSAVE_EAX(0xd, 1, FeatureWord.EAX),
  /** CPUID.80000001:EDX. */
  EXTENDED_EDX(0x8000_0001, 0, FeatureWord.EDX),
  /** CPUID.80000001:ECX. */
  EXTENDED_ECX(0x8000_0001, 0, FeatureWord.ECX),
  /** CPUID.80000007:EDX. */
  INVARIANT_EDX(0x8000_0007, 0, FeatureWord.EDX),
  /** CPUID.80000008:EBX. */
  ADDRESS_EBX(0x8000_0008, 0, FeatureWord.EBX);
  private static final int EAX = 0, EBX = 1, ECX = 2, EDX = 3;

  private final int leaf;
  private final int subleaf;
  private final int register;

  FeatureWord(int leaf, int subleaf, int register) {
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
  }

  /** The leaf. */
  public int leaf() {
    return leaf;
  }

  /** The sub-leaf, 0 for leaves without. */
  public int subleaf() {
    return subleaf;
  }

  /** The register: 0 EAX, 1 EBX, 2 ECX, 3 EDX. */
  public int register() {
    return register;
  }
}
