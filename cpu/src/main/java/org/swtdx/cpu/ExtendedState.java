package org.swtdx.cpu;

import org.swtdx.cpu.CpuidModel.Result;

/**
 * The XSAVE components of the engine and where the standard form puts them, SDM Vol. 1 chapter 13:
 * x87 and SSE in the legacy area, AVX at 576, PKRU at 2688.
 */
final class ExtendedState {
  private static final int LEGACY_AND_HEADER = 576;
  private static final int AVX_OFFSET = 576;
  private static final int AVX_SIZE = 256;
  private static final int PKRU_OFFSET = 2688;
  private static final int PKRU_SIZE = 8;

  private ExtendedState() {}

  /** Size in bytes of a standard-form image of {@code components}. */
  static int standardSize(long components) {
    if ((components >>> 9 & 1) != 0) {
      return PKRU_OFFSET + PKRU_SIZE;
    }
    return (components >>> 2 & 1) != 0 ? AVX_OFFSET + AVX_SIZE : LEGACY_AND_HEADER;
  }

  /** Size in bytes of a compacted image of {@code components}. */
  static int compactedSize(long components) {
    int size = LEGACY_AND_HEADER;
    size += (components >>> 2 & 1) != 0 ? AVX_SIZE : 0;
    size += (components >>> 9 & 1) != 0 ? PKRU_SIZE : 0;
    return size;
  }

  /** CPUID leaf 0Dh as with every component enabled. */
  static Result cpuid(int subleaf) {
    int all = NativeCpuid.SUPPORTED_XCR0;
    return switch (subleaf) {
      case 0 -> new Result(all, standardSize(all), standardSize(all), 0);
      // XSAVEOPT, XSAVEC, XGETBV with ECX=1, XSAVES
      case 1 -> new Result(0xf, compactedSize(all), 0, 0);
      case 2 -> new Result(AVX_SIZE, AVX_OFFSET, 0, 0);
      case 9 -> new Result(PKRU_SIZE, PKRU_OFFSET, 0, 0);
      default -> Result.ZERO;
    };
  }
}
