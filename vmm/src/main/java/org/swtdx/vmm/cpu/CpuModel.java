package org.swtdx.vmm.cpu;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A named CPU model: what a processor of that name reports, whether or not the engine can do it.
 * Names, signatures and features are those of QEMU's models of the same name.
 *
 * @param label the name as users write it
 * @param description the processor's name, which CPUID reports as well
 * @param signature family, model and stepping
 * @param level the highest basic leaf
 * @param features everything that a processor of this name has
 */
public record CpuModel(
    String label, String description, Signature signature, int level, Set<CpuFeature> features) {
  /** qemu64. */
  public static final CpuModel QEMU64 =
      of(
          "qemu64",
          "QEMU Virtual CPU version 2.5+",
          Set.of(),
          new Signature(6, 107, 1),
          0xd,
          "apic clflush cmov cx16 cx8 de fpu fxsr lahf-lm lm mca mce mmx msr mtrr "
              + "nx pae pat pge sse3 pse pse36 sep sse sse2 syscall tsc");

  /** Nehalem. */
  public static final CpuModel NEHALEM =
      of(
          "Nehalem",
          "Intel Core i7 9xx (Nehalem Class Core i7)",
          QEMU64.features(),
          new Signature(6, 26, 3),
          0xb,
          "vme popcnt sse4.1 sse4.2 ssse3");

  /** Westmere. */
  public static final CpuModel WESTMERE =
      of(
          "Westmere",
          "Westmere E56xx/L56xx/X56xx (Nehalem-C)",
          NEHALEM.features(),
          new Signature(6, 44, 1),
          0xb,
          "aes arat pclmulqdq");

  /** SandyBridge. */
  public static final CpuModel SANDY_BRIDGE =
      of(
          "SandyBridge",
          "Intel Xeon E312xx (Sandy Bridge)",
          WESTMERE.features(),
          new Signature(6, 42, 1),
          0xd,
          "avx rdtscp tsc-deadline x2apic xsave xsaveopt");

  /** IvyBridge. */
  public static final CpuModel IVY_BRIDGE =
      of(
          "IvyBridge",
          "Intel Xeon E3-12xx v2 (Ivy Bridge)",
          SANDY_BRIDGE.features(),
          new Signature(6, 58, 9),
          0xd,
          "erms f16c fsgsbase rdrand smep");

  /** Haswell. */
  public static final CpuModel HASWELL =
      of(
          "Haswell",
          "Intel Core Processor (Haswell)",
          IVY_BRIDGE.features(),
          new Signature(6, 60, 4),
          0xd,
          "abm avx2 bmi1 bmi2 fma hle invpcid movbe pcid rtm");

  /** Broadwell. */
  public static final CpuModel BROADWELL =
      of(
          "Broadwell",
          "Intel Core Processor (Broadwell)",
          HASWELL.features(),
          new Signature(6, 61, 2),
          0xd,
          "3dnowprefetch adx rdseed smap");

  /** Skylake-Client. */
  public static final CpuModel SKYLAKE_CLIENT =
      of(
          "Skylake-Client",
          "Intel Core Processor (Skylake)",
          BROADWELL.features(),
          new Signature(6, 94, 3),
          0xd,
          "xgetbv1 xsavec");

  /** Skylake-Server. */
  public static final CpuModel SKYLAKE_SERVER =
      of(
          "Skylake-Server",
          "Intel Xeon Processor (Skylake)",
          SKYLAKE_CLIENT.features(),
          new Signature(6, 85, 4),
          0xd,
          "avx512bw avx512cd avx512dq avx512f avx512vl clflushopt clwb pdpe1gb pku");

  /** Cascadelake-Server. */
  public static final CpuModel CASCADELAKE_SERVER =
      of(
          "Cascadelake-Server",
          "Intel Xeon Processor (Cascadelake)",
          SKYLAKE_SERVER.features(),
          new Signature(6, 85, 6),
          0xd,
          "avx512vnni spec-ctrl ssbd");

  /** Icelake-Server. */
  public static final CpuModel ICELAKE_SERVER =
      of(
          "Icelake-Server",
          "Intel Xeon Processor (Icelake)",
          CASCADELAKE_SERVER.features(),
          new Signature(6, 134, 0),
          0xd,
          "avx512-vpopcntdq avx512bitalg avx512vbmi avx512vbmi2 gfni la57 umip vaes "
              + "vpclmulqdq wbnoinvd");

  /** SapphireRapids. */
  public static final CpuModel SAPPHIRE_RAPIDS =
      of(
          "SapphireRapids",
          "Intel Xeon Processor (SapphireRapids)",
          ICELAKE_SERVER.features(),
          new Signature(6, 143, 8),
          0x20,
          "ss tsc-adjust sha-ni avx512ifma rdpid bus-lock-detect movdiri "
              + "movdir64b fsrm md-clear serialize tsx-ldtrk amx-bf16 avx512-fp16 "
              + "amx-tile amx-int8 stibp flush-l1d arch-capabilities avx-vnni avx512-bf16 "
              + "fzrm fsrs fsrc intel-psfd ipred-ctrl rrsba-ctrl bhi-ctrl xsaves xfd "
              + "invtsc");

  /** All models, oldest first. */
  public static final List<CpuModel> ALL =
      List.of(
          QEMU64,
          NEHALEM,
          WESTMERE,
          SANDY_BRIDGE,
          IVY_BRIDGE,
          HASWELL,
          BROADWELL,
          SKYLAKE_CLIENT,
          SKYLAKE_SERVER,
          CASCADELAKE_SERVER,
          ICELAKE_SERVER,
          SAPPHIRE_RAPIDS);

  /**
   * What CPUID.1:EAX tells of a processor.
   *
   * @param family display family, up to 15
   * @param model display model
   * @param stepping stepping
   */
  public record Signature(int family, int model, int stepping) {
    /** The signature as CPUID.1:EAX has it. */
    public int eax() {
      return (model >>> 4) << 16 | family << 8 | (model & 0xf) << 4 | stepping;
    }
  }

  private static CpuModel of(
      String label,
      String description,
      Set<CpuFeature> base,
      Signature signature,
      int level,
      String added) {
    EnumSet<CpuFeature> all = EnumSet.noneOf(CpuFeature.class);
    all.addAll(base);
    for (String name : added.split(" ", -1)) {
      all.add(CpuFeature.find(name).orElseThrow());
    }
    return new CpuModel(label, description, signature, level, Collections.unmodifiableSet(all));
  }

  /** Finds a model by its name; case matters as little as in feature names. */
  public static Optional<CpuModel> find(String name) {
    return ALL.stream().filter(m -> m.label.equalsIgnoreCase(name)).findFirst();
  }
}
