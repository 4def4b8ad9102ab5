package org.swtdx.cpu;

/**
 * The engine's own CPUID values: nothing is advertised that it does not execute. Family 6 model 8Fh
 * stepping 8, one package of one core; the topology leaves are what an owner of a guest overrides.
 */
final class NativeCpuid implements CpuidModel {
  static final NativeCpuid INSTANCE = new NativeCpuid();

  /** Extended-state components the engine keeps: x87, SSE, AVX, PKRU. */
  static final int SUPPORTED_XCR0 = 0x207;

  private static final int MAX_BASIC_LEAF = 0x20;
  private static final int MAX_EXTENDED_LEAF = 0x8000_0008;

  /** CPUID.1:EAX. */
  private static final int SIGNATURE = 0x0008_06f8;

  // CPUID.1:ECX, by bit: SSE3, PCLMULQDQ, DTES64, MONITOR, DS-CPL, SSSE3, FMA, CMPXCHG16B, xTPR,
  // PDCM, PCID, SSE4.1, SSE4.2, x2APIC, MOVBE, POPCNT, TSC-deadline, AES, XSAVE, AVX, F16C, RDRAND
  private static final int FEATURES_ECX = 0x77fa_f21f;

  // CPUID.1:EDX: everything up to SS and HTT except the processor serial number (and bits 10, 20)
  private static final int FEATURES_EDX = 0x1fab_fbff;

  // CPUID.7.0:EBX: FSGSBASE, TSC_ADJUST, BMI1, AVX2, FDP-on-exception-only, SMEP, BMI2, ERMS,
  // INVPCID, no-FCS/FDS, RDSEED, ADX, SMAP, CLFLUSHOPT, CLWB, SHA
  private static final int STRUCTURED_EBX =
      1 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 13 | 1 << 18
          | 1 << 19 | 1 << 20 | 1 << 23 | 1 << 24 | 1 << 29;

  // CPUID.7.0:ECX: UMIP, PKU, LA57, RDPID, bus-lock detection, MOVDIRI, MOVDIR64B, PKS
  private static final int STRUCTURED_ECX =
      1 << 2 | 1 << 3 | 1 << 16 | 1 << 22 | 1 << 24 | 1 << 27 | 1 << 28 | 1 << 31;

  // CPUID.7.0:EDX: fast short REP MOV, MD_CLEAR, SERIALIZE, IBRS/IBPB, STIBP, L1D_FLUSH,
  // ARCH_CAPABILITIES, CORE_CAPABILITIES, SSBD
  private static final int STRUCTURED_EDX =
      1 << 4 | 1 << 10 | 1 << 14 | 1 << 26 | 1 << 27 | 1 << 28 | 1 << 29 | 1 << 30 | 1 << 31;

  private NativeCpuid() {}

  @Override
  public Result cpuid(int leaf, int subleaf) {
    if (leaf >= 0) {
      return leaf > MAX_BASIC_LEAF ? basic(MAX_BASIC_LEAF, subleaf) : basic(leaf, subleaf);
    }
    if (Integer.compareUnsigned(leaf, MAX_EXTENDED_LEAF) > 0) {
      return basic(MAX_BASIC_LEAF, subleaf);
    }
    return extended(leaf);
  }

  private static Result basic(int leaf, int subleaf) {
    return switch (leaf) {
      case 0x00 -> new Result(MAX_BASIC_LEAF, 0x756e_6547, 0x6c65_746e, 0x4965_6e69);
      case 0x01 -> new Result(SIGNATURE, 0x0001_0800, FEATURES_ECX, FEATURES_EDX);
      case 0x02 -> new Result(0x00fe_ff01, 0, 0, 0);
      case 0x04 -> cache(subleaf);
      case 0x05 -> new Result(64, 64, 3, 0x20);
      case 0x06 -> new Result(1 << 2, 0, 0, 0);
      case 0x07 -> structured(subleaf);
      case 0x0a -> new Result(0x0730_0805, 0, 0, 0x8603);
      case 0x0b -> topology(subleaf);
      case 0x0d -> ExtendedState.cpuid(subleaf);
      case 0x15 -> new Result(2, 160, 25_000_000, 0);
      case 0x16 -> new Result(2000, 3500, 100, 0);
      case 0x1f -> topology(subleaf);
      case 0x20 -> subleaf == 0 ? new Result(0, 1, 0, 0) : Result.ZERO;
      default -> Result.ZERO;
    };
  }

  private static Result structured(int subleaf) {
    return switch (subleaf) {
      case 0 -> new Result(2, STRUCTURED_EBX, STRUCTURED_ECX, STRUCTURED_EDX);
      // fast zero-length MOVSB, fast short STOSB, fast short CMPSB
      case 1 -> new Result(1 << 10 | 1 << 11 | 1 << 12, 0, 0, 0);
      // PSFD, IPRED, RRSBA and BHI controls
      case 2 -> new Result(0, 0, 0, 0x17);
      default -> Result.ZERO;
    };
  }

  /** Deterministic cache parameters: 48K L1D, 32K L1I, 2M L2, 30M L3, 64-byte lines. */
  private static Result cache(int subleaf) {
    return switch (subleaf) {
      case 0 -> cache(1, 1, 12, 64, 0);
      case 1 -> cache(2, 1, 8, 64, 0);
      case 2 -> cache(3, 2, 16, 2048, 0);
      case 3 -> cache(3, 3, 15, 32768, 4);
      default -> Result.ZERO;
    };
  }

  private static Result cache(int type, int level, int ways, int sets, int flags) {
    return new Result(type | level << 5 | 1 << 8, (ways - 1) << 22 | 63, sets - 1, flags);
  }

  private static Result topology(int subleaf) {
    return switch (subleaf) {
      case 0 -> new Result(0, 1, 1 << 8, 0);
      case 1 -> new Result(0, 1, 2 << 8 | 1, 0);
      default -> new Result(0, 0, subleaf & 0xff, 0);
    };
  }

  private static Result extended(int leaf) {
    return switch (leaf & 0xff) {
      case 0 -> new Result(MAX_EXTENDED_LEAF, 0, 0, 0);
      // LAHF, LZCNT, PREFETCHW; SYSCALL, NX, 1-GiB pages, RDTSCP, Intel 64
      case 1 -> new Result(0, 0, 0x121, 0x2c10_0800);
      case 2, 3, 4 -> brand((leaf & 0xff) - 2);
      case 6 -> new Result(0, 0, 0x0800_7040, 0);
      case 7 -> new Result(0, 0, 0, 1 << 8);
      case 8 -> new Result(57 << 8 | 52, 1 << 9, 0, 0);
      default -> Result.ZERO;
    };
  }

  private static Result brand(int part) {
    String name = "swtdx virtual processor, Sapphire Rapids class";
    int[] words = new int[4];
    for (int i = 0; i < 16; i++) {
      int at = part * 16 + i;
      int character = at < name.length() ? name.charAt(at) : 0;
      words[i / 4] |= character << 8 * (i % 4);
    }
    return new Result(words[0], words[1], words[2], words[3]);
  }
}
