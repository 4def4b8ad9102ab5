package org.swtdx.cpu;

/** What CPUID answers on the physical processor. Thread-safe. */
@FunctionalInterface
public interface CpuidModel {
  /**
   * One CPUID result.
   *
   * @param eax EAX
   * @param ebx EBX
   * @param ecx ECX
   * @param edx EDX
   */
  record Result(int eax, int ebx, int ecx, int edx) {
    /** All zeros. */
    public static final Result ZERO = new Result(0, 0, 0, 0);
  }

  /** Returns the result of CPUID for {@code leaf} and {@code subleaf}. */
  Result cpuid(int leaf, int subleaf);

  /** The model of the processor that this engine implements, Sapphire Rapids class. */
  static CpuidModel nativeModel() {
    return NativeCpuid.INSTANCE;
  }
}
