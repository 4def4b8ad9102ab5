package org.swtdx.cpu;

/** The engine's own CPUID values: nothing is advertised that it does not execute. */
final class NativeCpuid implements CpuidModel {
  static final NativeCpuid INSTANCE = new NativeCpuid();

  private NativeCpuid() {}

  @Override
  public Result cpuid(int leaf, int subleaf) {
    throw new UnsupportedOperationException();
  }
}
