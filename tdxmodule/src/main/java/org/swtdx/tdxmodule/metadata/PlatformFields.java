package org.swtdx.tdxmodule.metadata;

import java.util.List;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.memory.Cmr;
import org.swtdx.tdxmodule.platform.ModuleVersion;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.SeamRange;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdAttributes;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdMsrs;
import org.swtdx.tdxmodule.virt.TdParameters;
import org.swtdx.tdxmodule.virt.Xfam;
import org.swtdx.tdxmodule.vp.Tdvps;

/** The platform-scope fields and where their values come from. */
public final class PlatformFields {
  /** The fields; TDH.SYS.RD, TDH.SYS.RDALL and TDG.SYS.RD read them. */
  public static final FieldTable<TdxPlatform> TABLE = new FieldTable<>("platform-fields.txt", 1);

  /** Most TDMRs. */
  public static final int MAX_TDMRS = 64;

  /** Most reserved areas in a TDMR. */
  public static final int MAX_RESERVED = 16;

  /** Bytes of a PAMT entry of any level. */
  public static final int PAMT_ENTRY_SIZE = 16;

  private static final SeamRange.Handoff NO_HANDOFF = new SeamRange.Handoff(0, new byte[0]);
  private static final int PAGE = 4096;
  private static final int L2_VCPU_PAGES = 3;
  private static final int MAX_CMRS = 32;
  private static final CpuidModel CPUID = CpuidModel.nativeModel();

  static {
    bindVersion();
    bindHandoff();
    bindMemory();
    bindTdLimits();
    bindCpuid();
    // Migration, service TDs and partitioning are not offered: no attribute, version or control.
    TABLE.bindConstant(
        0,
        "MIG_ATTRIBUTES",
        "MIN_EXPORT_VERSION",
        "MAX_EXPORT_VERSION",
        "MIN_IMPORT_VERSION",
        "MAX_IMPORT_VERSION",
        "MAX_MIGS",
        "NUM_IMMUTABLE_STATE_PAGES",
        "NUM_TD_STATE_PAGES",
        "NUM_VP_STATE_PAGES",
        "MAX_SERV_TDS",
        "SERVTD_ATTR_FIXED0",
        "SERVTD_ATTR_FIXED1",
        "GUEST_L2_GPA_ATTR_MASK",
        "VM_CTLS_FIXED0",
        "VM_CTLS_FIXED1",
        "VPCU_L2_CTLS_FIXED0",
        "VCPU_L2_CTLS_FIXED1",
        "VPCU_L2_DEBUG_CTLS_FIXED0",
        "VCPU_L2_DEBUG_CTLS_FIXED1");
  }

  private PlatformFields() {}

  private static void bindVersion() {
    TABLE
        .bind("NUM_PKGS", (p, _) -> p.machine().packages())
        .bind("PKG_FMS", (p, i) -> i < p.machine().packages() ? CPUID.cpuid(1, 0).eax() : 0)
        .bind("VENDOR_ID", (_, _) -> ModuleVersion.VENDOR)
        .bind("BUILD_DATE", (_, _) -> ModuleVersion.BUILD_DATE)
        .bind("BUILD_NUM", (_, _) -> ModuleVersion.BUILD_NUMBER)
        .bind("MINOR_VERSION", (_, _) -> ModuleVersion.MINOR)
        .bind("MAJOR_VERSION", (_, _) -> ModuleVersion.MAJOR)
        .bind("UPDATE_VERSION", (_, _) -> ModuleVersion.UPDATE)
        .bind("INTERNAL_VERSION", (_, _) -> 0)
        .bind("SYS_ATTRIBUTES", (_, _) -> 0)
        .bind("NUM_TDX_FEATURES", (_, _) -> 1)
        .bind("TDX_FEATURES0", (_, _) -> ModuleVersion.FEATURES0);
  }

  private static void bindHandoff() {
    TABLE
        .bind("MODULE_HV", (_, _) -> ModuleVersion.MODULE_HV)
        .bind("MIN_UPDATE_HV", (_, _) -> ModuleVersion.MIN_UPDATE_HV)
        .bind("NO_DOWNGRADE", (_, _) -> ModuleVersion.NO_DOWNGRADE ? 1 : 0)
        .bind("NUM_HANDOFF_PAGES", (_, _) -> SeamRange.HANDOFF_PAGES)
        .bind("HANDOFF_DATA_VALID", (p, _) -> p.range().handoff() == null ? 0 : 1)
        .bind("HANDOFF_DATA_HV", (p, _) -> handoff(p).version())
        .bind("HANDOFF_DATA_SIZE", (p, _) -> handoff(p).data().length);
  }

  private static SeamRange.Handoff handoff(TdxPlatform platform) {
    SeamRange.Handoff handoff = platform.range().handoff();
    return handoff == null ? NO_HANDOFF : handoff;
  }

  private static void bindMemory() {
    TABLE
        .bind("NUM_CMRS", (_, _) -> MAX_CMRS) // those that there are not have no size
        .bind("CMR_BASE", (p, i) -> i < cmrs(p).size() ? cmrs(p).get(i).base().value() : 0)
        .bind("CMR_SIZE", (p, i) -> i < cmrs(p).size() ? cmrs(p).get(i).size() : 0)
        .bind("MAX_TDMRS", (_, _) -> MAX_TDMRS)
        .bind("MAX_RESERVED_PER_TDMR", (_, _) -> MAX_RESERVED)
        .bind("PAMT_4K_ENTRY_SIZE", (_, _) -> PAMT_ENTRY_SIZE)
        .bind("PAMT_2M_ENTRY_SIZE", (_, _) -> PAMT_ENTRY_SIZE)
        .bind("PAMT_1G_ENTRY_SIZE", (_, _) -> PAMT_ENTRY_SIZE)
        .bind("TDR_BASE_SIZE", (_, _) -> PAGE)
        .bind("TDCS_BASE_SIZE", (_, _) -> PAGE * Tdcs.BASE_PAGES)
        .bind("TDCS_SIZE_PER_L2_VM", (_, _) -> PageSize.bytes(PageSize.LEVEL_4K))
        .bind("TDVPS_BASE_SIZE", (_, _) -> PAGE * Tdvps.BASE_PAGES)
        .bind("TDVPS_SIZE_PER_L2_VM", (_, _) -> PAGE * L2_VCPU_PAGES);
  }

  private static void bindTdLimits() {
    TABLE
        .bind("ATTRIBUTES_FIXED0", (_, _) -> TdAttributes.allowed(CPUID))
        .bind("ATTRIBUTES_FIXED1", (_, _) -> TdAttributes.required())
        .bind("XFAM_FIXED0", (_, _) -> Xfam.allowed(CPUID))
        .bind("XFAM_FIXED1", (_, _) -> Xfam.REQUIRED)
        .bind("CONFIG_FLAGS_FIXED0", (_, _) -> TdParameters.KNOWN_FLAGS)
        .bind("CONFIG_FLAGS_FIXED1", (_, _) -> 0)
        .bind("MAX_VCPUS_PER_TD", (_, _) -> TdParameters.MAX_VCPUS_LIMIT)
        .bind("MIN_VIRT_MAXPA", (_, _) -> TdParameters.MIN_PHYSICAL_ADDRESS_WIDTH)
        .bind("NUM_ALLOWED_FMS", (_, _) -> 1)
        .bind("ALLOWED_FMS", (_, i) -> i == 0 ? CPUID.cpuid(1, 0).eax() : 0)
        .bind("NUM_DISALLOWED_FMS", (_, _) -> 0)
        .bind("DISALLOWED_FMS", (_, _) -> 0)
        .bind(
            "IA32_ARCH_CAPABILITIES_CONFIG_MASK", (_, _) -> TdMsrs.CONFIGURABLE_ARCH_CAPABILITIES);
  }

  private static void bindCpuid() {
    TABLE
        .bind("NUM_CPUID_CONFIG", (_, _) -> TdCpuid.configCount())
        .bind("CPUID_CONFIG_LEAVES", (_, i) -> i < TdCpuid.configCount() ? cpuidLeaf(i) : -1)
        .bind(
            "CPUID_CONFIG_VALUES",
            (_, i) -> i / 2 < TdCpuid.configCount() ? cpuidMask(i / 2, i % 2) : 0);
  }

  /** The value of a field of one element, by its name in the ABI tables. */
  public static long value(TdxPlatform platform, String name) throws Refusal {
    return TABLE.read(platform, TABLE.idOf(name), AccessMode.HOST);
  }

  /** The leaf and sub-leaf of configurable CPUID entry {@code i}; all ones for no sub-leaf. */
  public static long cpuidLeaf(int i) {
    return Integer.toUnsignedLong(TdCpuid.configLeaf(i)) | (long) TdCpuid.configSubleaf(i) << 32;
  }

  /** Configurable bits of CPUID entry {@code i}: EBX:EAX for half 0, EDX:ECX for half 1. */
  public static long cpuidMask(int i, int half) {
    int[] mask = TdCpuid.configurable(CPUID, i);
    return Integer.toUnsignedLong(mask[2 * half]) | (long) mask[2 * half + 1] << 32;
  }

  private static List<Cmr> cmrs(TdxPlatform platform) {
    return platform.machine().memory().cmrs();
  }
}
