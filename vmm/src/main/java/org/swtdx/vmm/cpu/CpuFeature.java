package org.swtdx.vmm.cpu;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The CPUID feature bits that have a name, by the names that QEMU gives them. */
public enum CpuFeature {
  FPU("fpu", FeatureWord.BASIC_EDX, 0),
  VME("vme", FeatureWord.BASIC_EDX, 1),
  DE("de", FeatureWord.BASIC_EDX, 2),
  PSE("pse", FeatureWord.BASIC_EDX, 3),
  TSC("tsc", FeatureWord.BASIC_EDX, 4),
  MSR("msr", FeatureWord.BASIC_EDX, 5),
  PAE("pae", FeatureWord.BASIC_EDX, 6),
  MCE("mce", FeatureWord.BASIC_EDX, 7),
  CX8("cx8", FeatureWord.BASIC_EDX, 8),
  APIC("apic", FeatureWord.BASIC_EDX, 9),
  SEP("sep", FeatureWord.BASIC_EDX, 11),
  MTRR("mtrr", FeatureWord.BASIC_EDX, 12),
  PGE("pge", FeatureWord.BASIC_EDX, 13),
  MCA("mca", FeatureWord.BASIC_EDX, 14),
  CMOV("cmov", FeatureWord.BASIC_EDX, 15),
  PAT("pat", FeatureWord.BASIC_EDX, 16),
  PSE36("pse36", FeatureWord.BASIC_EDX, 17),
  CLFLUSH("clflush", FeatureWord.BASIC_EDX, 19),
  DS("ds", FeatureWord.BASIC_EDX, 21),
  ACPI("acpi", FeatureWord.BASIC_EDX, 22),
  MMX("mmx", FeatureWord.BASIC_EDX, 23),
  FXSR("fxsr", FeatureWord.BASIC_EDX, 24),
  SSE("sse", FeatureWord.BASIC_EDX, 25),
  SSE2("sse2", FeatureWord.BASIC_EDX, 26),
  SS("ss", FeatureWord.BASIC_EDX, 27),
  HT("ht", FeatureWord.BASIC_EDX, 28),
  TM("tm", FeatureWord.BASIC_EDX, 29),
  PBE("pbe", FeatureWord.BASIC_EDX, 31),
  SSE3("sse3", FeatureWord.BASIC_ECX, 0),
  PCLMULQDQ("pclmulqdq", FeatureWord.BASIC_ECX, 1),
  DTES64("dtes64", FeatureWord.BASIC_ECX, 2),
  MONITOR("monitor", FeatureWord.BASIC_ECX, 3),
  DS_CPL("ds-cpl", FeatureWord.BASIC_ECX, 4),
  VMX("vmx", FeatureWord.BASIC_ECX, 5),
  SMX("smx", FeatureWord.BASIC_ECX, 6),
  EST("est", FeatureWord.BASIC_ECX, 7),
  TM2("tm2", FeatureWord.BASIC_ECX, 8),
  SSSE3("ssse3", FeatureWord.BASIC_ECX, 9),
  FMA("fma", FeatureWord.BASIC_ECX, 12),
  CX16("cx16", FeatureWord.BASIC_ECX, 13),
  XTPR("xtpr", FeatureWord.BASIC_ECX, 14),
  PDCM("pdcm", FeatureWord.BASIC_ECX, 15),
  PCID("pcid", FeatureWord.BASIC_ECX, 17),
  SSE4_1("sse4.1", FeatureWord.BASIC_ECX, 19),
  SSE4_2("sse4.2", FeatureWord.BASIC_ECX, 20),
  X2APIC("x2apic", FeatureWord.BASIC_ECX, 21),
  MOVBE("movbe", FeatureWord.BASIC_ECX, 22),
  POPCNT("popcnt", FeatureWord.BASIC_ECX, 23),
  TSC_DEADLINE("tsc-deadline", FeatureWord.BASIC_ECX, 24),
  AES("aes", FeatureWord.BASIC_ECX, 25),
  XSAVE("xsave", FeatureWord.BASIC_ECX, 26),
  AVX("avx", FeatureWord.BASIC_ECX, 28),
  F16C("f16c", FeatureWord.BASIC_ECX, 29),
  RDRAND("rdrand", FeatureWord.BASIC_ECX, 30),
  HYPERVISOR("hypervisor", FeatureWord.BASIC_ECX, 31),
  ARAT("arat", FeatureWord.POWER_EAX, 2),
  FSGSBASE("fsgsbase", FeatureWord.STRUCTURED_EBX, 0),
  TSC_ADJUST("tsc-adjust", FeatureWord.STRUCTURED_EBX, 1),
  BMI1("bmi1", FeatureWord.STRUCTURED_EBX, 3),
  HLE("hle", FeatureWord.STRUCTURED_EBX, 4),
  AVX2("avx2", FeatureWord.STRUCTURED_EBX, 5),
  FDP_EXCPTN_ONLY("fdp-excptn-only", FeatureWord.STRUCTURED_EBX, 6),
  SMEP("smep", FeatureWord.STRUCTURED_EBX, 7),
  BMI2("bmi2", FeatureWord.STRUCTURED_EBX, 8),
  ERMS("erms", FeatureWord.STRUCTURED_EBX, 9),
  INVPCID("invpcid", FeatureWord.STRUCTURED_EBX, 10),
  RTM("rtm", FeatureWord.STRUCTURED_EBX, 11),
  ZERO_FCS_FDS("zero-fcs-fds", FeatureWord.STRUCTURED_EBX, 13),
  MPX("mpx", FeatureWord.STRUCTURED_EBX, 14),
  AVX512F("avx512f", FeatureWord.STRUCTURED_EBX, 16),
  AVX512DQ("avx512dq", FeatureWord.STRUCTURED_EBX, 17),
  RDSEED("rdseed", FeatureWord.STRUCTURED_EBX, 18),
  ADX("adx", FeatureWord.STRUCTURED_EBX, 19),
  SMAP("smap", FeatureWord.STRUCTURED_EBX, 20),
  AVX512IFMA("avx512ifma", FeatureWord.STRUCTURED_EBX, 21),
  CLFLUSHOPT("clflushopt", FeatureWord.STRUCTURED_EBX, 23),
  CLWB("clwb", FeatureWord.STRUCTURED_EBX, 24),
  INTEL_PT("intel-pt", FeatureWord.STRUCTURED_EBX, 25),
  AVX512PF("avx512pf", FeatureWord.STRUCTURED_EBX, 26),
  AVX512ER("avx512er", FeatureWord.STRUCTURED_EBX, 27),
  AVX512CD("avx512cd", FeatureWord.STRUCTURED_EBX, 28),
  SHA_NI("sha-ni", FeatureWord.STRUCTURED_EBX, 29),
  AVX512BW("avx512bw", FeatureWord.STRUCTURED_EBX, 30),
  AVX512VL("avx512vl", FeatureWord.STRUCTURED_EBX, 31),
  AVX512VBMI("avx512vbmi", FeatureWord.STRUCTURED_ECX, 1),
  UMIP("umip", FeatureWord.STRUCTURED_ECX, 2),
  PKU("pku", FeatureWord.STRUCTURED_ECX, 3),
  WAITPKG("waitpkg", FeatureWord.STRUCTURED_ECX, 5),
  AVX512VBMI2("avx512vbmi2", FeatureWord.STRUCTURED_ECX, 6),
  GFNI("gfni", FeatureWord.STRUCTURED_ECX, 8),
  VAES("vaes", FeatureWord.STRUCTURED_ECX, 9),
  VPCLMULQDQ("vpclmulqdq", FeatureWord.STRUCTURED_ECX, 10),
  AVX512VNNI("avx512vnni", FeatureWord.STRUCTURED_ECX, 11),
  AVX512BITALG("avx512bitalg", FeatureWord.STRUCTURED_ECX, 12),
  AVX512_VPOPCNTDQ("avx512-vpopcntdq", FeatureWord.STRUCTURED_ECX, 14),
  LA57("la57", FeatureWord.STRUCTURED_ECX, 16),
  RDPID("rdpid", FeatureWord.STRUCTURED_ECX, 22),
  BUS_LOCK_DETECT("bus-lock-detect", FeatureWord.STRUCTURED_ECX, 24),
  CLDEMOTE("cldemote", FeatureWord.STRUCTURED_ECX, 25),
  MOVDIRI("movdiri", FeatureWord.STRUCTURED_ECX, 27),
  MOVDIR64B("movdir64b", FeatureWord.STRUCTURED_ECX, 28),
  PKS("pks", FeatureWord.STRUCTURED_ECX, 31),
  FSRM("fsrm", FeatureWord.STRUCTURED_EDX, 4),
  AVX512_VP2INTERSECT("avx512-vp2intersect", FeatureWord.STRUCTURED_EDX, 8),
  MD_CLEAR("md-clear", FeatureWord.STRUCTURED_EDX, 10),
  SERIALIZE("serialize", FeatureWord.STRUCTURED_EDX, 14),
  TSX_LDTRK("tsx-ldtrk", FeatureWord.STRUCTURED_EDX, 16),
  AMX_BF16("amx-bf16", FeatureWord.STRUCTURED_EDX, 22),
  AVX512_FP16("avx512-fp16", FeatureWord.STRUCTURED_EDX, 23),
  AMX_TILE("amx-tile", FeatureWord.STRUCTURED_EDX, 24),
  AMX_INT8("amx-int8", FeatureWord.STRUCTURED_EDX, 25),
  SPEC_CTRL("spec-ctrl", FeatureWord.STRUCTURED_EDX, 26),
  STIBP("stibp", FeatureWord.STRUCTURED_EDX, 27),
  FLUSH_L1D("flush-l1d", FeatureWord.STRUCTURED_EDX, 28),
  ARCH_CAPABILITIES("arch-capabilities", FeatureWord.STRUCTURED_EDX, 29),
  CORE_CAPABILITY("core-capability", FeatureWord.STRUCTURED_EDX, 30),
  SSBD("ssbd", FeatureWord.STRUCTURED_EDX, 31),
  AVX_VNNI("avx-vnni", FeatureWord.STRUCTURED_1_EAX, 4),
  AVX512_BF16("avx512-bf16", FeatureWord.STRUCTURED_1_EAX, 5),
  FZRM("fzrm", FeatureWord.STRUCTURED_1_EAX, 10),
  FSRS("fsrs", FeatureWord.STRUCTURED_1_EAX, 11),
  FSRC("fsrc", FeatureWord.STRUCTURED_1_EAX, 12),
  INTEL_PSFD("intel-psfd", FeatureWord.STRUCTURED_2_EDX, 0),
  IPRED_CTRL("ipred-ctrl", FeatureWord.STRUCTURED_2_EDX, 1),
  RRSBA_CTRL("rrsba-ctrl", FeatureWord.STRUCTURED_2_EDX, 2),
  DDPD_U("ddpd-u", FeatureWord.STRUCTURED_2_EDX, 3),
  BHI_CTRL("bhi-ctrl", FeatureWord.STRUCTURED_2_EDX, 4),
  MCDT_NO("mcdt-no", FeatureWord.STRUCTURED_2_EDX, 5),
  XSAVEOPT("xsaveopt", FeatureWord.XSAVE_EAX, 0),
  XSAVEC("xsavec", FeatureWord.XSAVE_EAX, 1),
  XGETBV1("xgetbv1", FeatureWord.XSAVE_EAX, 2),
  XSAVES("xsaves", FeatureWord.XSAVE_EAX, 3),
  XFD("xfd", FeatureWord.XSAVE_EAX, 4),
  SYSCALL("syscall", FeatureWord.EXTENDED_EDX, 11),
  NX("nx", FeatureWord.EXTENDED_EDX, 20),
  PDPE1GB("pdpe1gb", FeatureWord.EXTENDED_EDX, 26),
  RDTSCP("rdtscp", FeatureWord.EXTENDED_EDX, 27),
  LM("lm", FeatureWord.EXTENDED_EDX, 29),
  LAHF_LM("lahf-lm", FeatureWord.EXTENDED_ECX, 0),
  ABM("abm", FeatureWord.EXTENDED_ECX, 5),
  PREFETCHW("3dnowprefetch", FeatureWord.EXTENDED_ECX, 8),
  INVTSC("invtsc", FeatureWord.INVARIANT_EDX, 8),
  WBNOINVD("wbnoinvd", FeatureWord.ADDRESS_EBX, 9);

  /** Other names in use. */
  private static final Map<String, CpuFeature> ALIASES =
      Map.ofEntries(
          Map.entry("pni", SSE3),
          Map.entry("pclmuldq", PCLMULQDQ),
          Map.entry("sha", SHA_NI),
          Map.entry("lzcnt", ABM),
          Map.entry("i64", LM),
          Map.entry("xd", NX),
          Map.entry("ibrs", SPEC_CTRL));

  private static final Map<String, CpuFeature> NAMES =
      Stream.of(values()).collect(Collectors.toMap(CpuFeature::label, Function.identity()));

  private final String label;
  private final FeatureWord word;
  private final int bit;

  CpuFeature(String label, FeatureWord word, int bit) {
    this.label = label;
    this.word = word;
    this.bit = bit;
  }

  /** The name as users write it. */
  public String label() {
    return label;
  }

  /** The register that reports the feature. */
  public FeatureWord word() {
    return word;
  }

  /** The mask of its bit in that register. */
  public int mask() {
    return 1 << bit;
  }

  /** Finds a feature by a name; underscores and hyphens are the same. */
  public static Optional<CpuFeature> find(String name) {
    String wanted = name.toLowerCase(Locale.ROOT).replace('_', '-');
    CpuFeature found = NAMES.get(wanted.replace("sse4-", "sse4."));
    return Optional.ofNullable(found != null ? found : ALIASES.get(wanted));
  }

  /** What cannot be there without this feature. */
  Stream<CpuFeature> dependents() {
    return switch (this) {
      case XSAVE -> Stream.of(XSAVEOPT, XSAVEC, XGETBV1, XSAVES, AVX);
      case AVX -> Stream.of(FMA, AVX2, F16C, VAES, VPCLMULQDQ);
      case SSE4_1 -> Stream.of(SSE4_2);
      case SSSE3 -> Stream.of(SSE4_1);
      case SSE3 -> Stream.of(SSSE3);
      case SSE2 -> Stream.of(SSE3, AES, PCLMULQDQ, SHA_NI);
      case SSE -> Stream.of(SSE2);
      case FXSR -> Stream.of(SSE);
      case MMX -> Stream.of(SSE);
      case PKU -> Stream.of(PKS);
      case LM -> Stream.of(LA57, PCID, FSGSBASE);
      default -> Stream.empty();
    };
  }
}
