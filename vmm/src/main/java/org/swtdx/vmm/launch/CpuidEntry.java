package org.swtdx.vmm.launch;

/** One entry of a CPUID list. */
record CpuidEntry(int function, int index, int flags, int eax, int ebx, int ecx, int edx) {
  CpuidEntry withRegisters(int a, int b, int c, int d) {
    return new CpuidEntry(function, index, flags, a, b, c, d);
  }

  /** The register that {@link org.swtdx.vmm.cpu.FeatureWord#register} numbers. */
  int register(int number) {
    return switch (number) {
      case 0 -> eax;
      case 1 -> ebx;
      case 2 -> ecx;
      default -> edx;
    };
  }

  CpuidEntry withRegister(int number, int value) {
    return switch (number) {
      case 0 -> withRegisters(value, ebx, ecx, edx);
      case 1 -> withRegisters(eax, value, ecx, edx);
      case 2 -> withRegisters(eax, ebx, value, edx);
      default -> withRegisters(eax, ebx, ecx, value);
    };
  }
}
