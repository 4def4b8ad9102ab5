package org.swtdx.tdxmodule.metadata;

import java.util.List;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.measure.RuntimeMeasurements;
import org.swtdx.tdxmodule.platform.ModuleVersion;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdParameters;
import org.swtdx.tdxmodule.virt.Xfam;

/** The TD-scope fields and where their values are. */
public final class TdFields {
  /** The fields; TDH.MNG.RD and WR, TDG.VM.RD and WR use them. */
  public static final FieldTable<Tdcs> TABLE = new FieldTable<>("td-fields.txt", 1);

  private static final long MIN_LOCK_TIMEOUT_MICROS = 10_000;
  private static final long MAX_LOCK_TIMEOUT_MICROS = 100_000_000;
  private static final CpuidModel NATIVE = CpuidModel.nativeModel();
  private static final int NO_SUBLEAF = -1;
  private static final int WORDS_PER_BITMAP = 128;
  private static final int HIGH_MSRS = 0xc0000000;
  private static final int CPUID_ELEMENT = 1;
  private static final int CPUID_NO_SUBLEAF = 1 << 8;
  private static final int CPUID_HIGH = 1 << 16;

  static {
    bindRoot();
    bindManagement();
    bindExecution();
    bindControls();
    bindMeasurements();
    bindVirtualization();
    bindUnused();
    TABLE.bindSparse("CPUID_VALUES", TdFields::nextCpuid, TdFields::cpuid);
  }

  private TdFields() {}

  /** The host's access mode for this TD. */
  public static AccessMode hostMode(Tdcs tdcs) {
    return tdcs.debug() ? AccessMode.HOST_DEBUG : AccessMode.HOST;
  }

  private static void bindRoot() {
    TABLE
        .bind("FATAL", (t, _) -> t.tdr().fatal() ? 1 : 0)
        .bind("NUM_TDCX", (t, _) -> t.tdr().tdcxPages().size())
        .bind("CHLDCNT", (t, _) -> t.tdr().childCount())
        .bind("LIFECYCLE_STATE", (t, _) -> t.tdr().lifecycle().value())
        .bind("TDCX_PA", TdFields::tdcxPage)
        .bind("TD_UUID", (t, i) -> t.tdr().uuid(i))
        .bind("HKID", (t, _) -> t.tdr().keyId())
        .bind("HANDOFF_VERSION", (_, _) -> ModuleVersion.MODULE_HV)
        .bind("SEAMDB_INDEX", (t, _) -> t.tdr().seamdbIndex())
        .bind("PKG_CONFIG_BITMAP", (t, _) -> t.tdr().configuredPackages());
  }

  private static long tdcxPage(Tdcs tdcs, int i) {
    List<Long> pages = tdcs.tdr().tdcxPages();
    return i < pages.size() ? tdcs.tdr().keyed(pages.get(i)) : 0;
  }

  private static void bindManagement() {
    TABLE
        .bind("NUM_VCPUS", (t, _) -> t.vcpus().get())
        .bind("NUM_ASSOC_VCPUS", (t, _) -> t.associatedVcpus().get())
        .bind("OP_STATE", (t, _) -> t.opState().value())
        .bind("NUM_L2_VMS", (_, _) -> 0)
        .bind("TD_EPOCH", (t, _) -> t.epochs().epoch())
        .bind("REFCOUNT", (t, i) -> t.epochs().refcount(i))
        .bind("X2APIC_IDS", (t, i) -> t.x2apicIds[i]);
  }

  private static void bindExecution() {
    TABLE
        .bind("ATTRIBUTES", (t, _) -> t.parameters().attributes())
        .bind("XFAM", (t, _) -> t.parameters().xfam())
        .bind("MAX_VCPUS", (t, _) -> t.parameters().maxVcpus())
        .bind("GPAW", (t, _) -> t.parameters().configFlags() & TdParameters.GPAW)
        .bind("EPTP", (t, _) -> t.eptp())
        .bind("TSC_OFFSET", (t, _) -> t.tsc().offset())
        .bind("TSC_MULTIPLIER", (t, _) -> t.tsc().multiplier())
        .bind("TSC_FREQUENCY", (t, _) -> t.parameters().tscFrequency())
        .bind("CONFIG_FLAGS", (t, _) -> t.parameters().configFlags())
        .bind("TOPOLOGY_ENUM_CONFIGURED", (t, _) -> t.topologyEnumConfigured ? 1 : 0)
        .bind("VIRTUAL_IA32_ARCH_CAPABILITIES", (t, _) -> t.parameters().archCapabilities());
  }

  private static void bindControls() {
    TABLE
        .bind(
            "NOTIFY_ENABLES",
            (t, _) -> t.notifyEnables,
            (t, _, _, value) -> {
              t.notifyEnables = value;
              return true;
            })
        .bindWhole("HP_LOCK_TIMEOUT", (t, _) -> t.hpLockTimeoutMicros, TdFields::setLockTimeout)
        .bind("TD_CTLS", (t, _) -> t.tdCtls, TdFields::setTdCtls);
  }

  private static boolean setLockTimeout(Tdcs tdcs, int index, long old, long value) throws Refusal {
    Refusal.unless(
        value >= MIN_LOCK_TIMEOUT_MICROS && value <= MAX_LOCK_TIMEOUT_MICROS,
        Status.METADATA_FIELD_VALUE_NOT_VALID);
    tdcs.hpLockTimeoutMicros = value;
    return true;
  }

  private static boolean setTdCtls(Tdcs tdcs, int index, long old, long value) throws Refusal {
    boolean flexible = (tdcs.parameters().configFlags() & TdParameters.FLEXIBLE_PENDING_VE) != 0;
    Refusal.unless(
        flexible || ((old ^ value) & Tdcs.CTLS_PENDING_VE_DISABLE) == 0,
        Status.METADATA_FIELD_VALUE_NOT_VALID);
    Refusal.unless(
        tdcs.topologyEnumConfigured || (value & Tdcs.CTLS_ENUM_TOPOLOGY) == 0,
        Status.METADATA_FIELD_VALUE_NOT_VALID);
    return tdcs.replaceTdCtls(old, value);
  }

  private static void bindVirtualization() {
    TABLE
        .bind("NUM_CPUID_VALUES", (_, _) -> TdCpuid.slots())
        .bind("CPUID_VALID", (_, i) -> TdCpuid.isValid(i) ? 1 : 0)
        .bind("VIRT_MAXPA", (t, _) -> t.parameters().physicalAddressWidth())
        .bind("XBUFF_SIZE", (t, _) -> Xfam.compactedSize(NATIVE, t.parameters().xfam()))
        .bind("XBUFF_OFFSETS", (t, i) -> Xfam.compactedOffset(NATIVE, t.parameters().xfam(), i))
        .bind("MSR_BITMAPS", TdFields::msrBitmap)
        .bind("SEPT_ROOT", (t, i) -> t.sept().rootEntry(i))
        .bind("MIG_ENC_KEY", (t, i) -> t.migrationEncryptionKey(i));
  }

  /** Four bitmaps: reads of low and high MSRs, writes of both; 1 where the access exits. */
  private static long msrBitmap(Tdcs tdcs, int word) {
    int part = word / WORDS_PER_BITMAP;
    int first = (part & 1) == 0 ? 0 : HIGH_MSRS;
    int msr = first + word % WORDS_PER_BITMAP * Long.SIZE;
    long bits = 0;
    for (int i = 0; i < Long.SIZE; i++) {
      bits |= tdcs.parameters().msrs().exits(msr + i, part >= 2) ? 1L << i : 0;
    }
    return bits;
  }

  /** State of migration, service TDs and partitioning, which are not offered: as it began. */
  private static void bindUnused() {
    TABLE
        .bindConstant(
            0,
            "VM_CTLS",
            "VIRTUAL_IA32_VMX_BASIC",
            "VIRTUAL_IA32_VMX_MISC",
            "VIRTUAL_IA32_VMX_CR0_FIXED0",
            "VIRTUAL_IA32_VMX_CR0_FIXED1",
            "VIRTUAL_IA32_VMX_CR4_FIXED0",
            "VIRTUAL_IA32_VMX_CR4_FIXED1",
            "VIRTUAL_IA32_VMX_PROCBASED_CTLS2",
            "VIRTUAL_IA32_VMX_EPT_VPID_CAP",
            "VIRTUAL_IA32_VMX_TRUE_PINBASED_CTLS",
            "VIRTUAL_IA32_VMX_TRUE_PROCBASED_CTLS",
            "VIRTUAL_IA32_VMX_TRUE_EXIT_CTLS",
            "VIRTUAL_IA32_VMX_TRUE_ENTRY_CTLS",
            "VIRTUAL_IA32_VMX_VMFUNC",
            "VIRTUAL_IA32_VMX_PROCBASED_CTLS3",
            "VIRTUAL_IA32_VMX_EXIT_CTLS2",
            "MIG_DEC_KEY_SET",
            "EXPORT_COUNT",
            "IMPORT_COUNT",
            "MIG_EPOCH",
            "BW_EPOCH",
            "TOTAL_MB_COUNT",
            "MIG_DEC_KEY",
            "MIG_DEC_WORKING_KEY",
            "MIG_ENC_WORKING_KEY",
            "MIG_VERSION",
            "MIG_WORKING_VERSION",
            "DIRTY_COUNT",
            "MIG_COUNT",
            "NUM_MIGS",
            "NUM_MIGRATED_VCPUS",
            "PRE_IMPORT_UUID",
            "SERVTD_BINDINGS_TABLE",
            "MIGSC_LINKS")
        .absent("L2_SEPT_ROOT_1", "L2_SEPT_ROOT_2", "L2_SEPT_ROOT_3");
  }

  private static void bindMeasurements() {
    TABLE
        .bind("MRTD", (t, i) -> LittleEndian.u64(t.mrtd(), 8 * i))
        .bind("MRCONFIGID", (t, i) -> LittleEndian.u64(t.parameters().mrConfigId(), 8 * i))
        .bind("MROWNER", (t, i) -> LittleEndian.u64(t.parameters().mrOwner(), 8 * i))
        .bind("MROWNERCONFIG", (t, i) -> LittleEndian.u64(t.parameters().mrOwnerConfig(), 8 * i))
        .bind("RTMR", TdFields::rtmr)
        .bind("SERVTD_HASH", (_, _) -> 0)
        .bind("SERVTD_NUM", (_, _) -> 0);
  }

  private static long rtmr(Tdcs tdcs, int i) {
    int elements = 48 / 8;
    RuntimeMeasurements registers = tdcs.runtimeMeasurements();
    return registers.element(i / elements, i % elements);
  }

  /**
   * Code of a CPUID value: element 0, sub-leaf 7:1, none 8, leaf 15:9, leaf bit 31 in 16. A leaf
   * that ignores ECX answers for every sub-leaf.
   */
  private static long cpuid(Tdcs tdcs, int code) throws Refusal {
    int leaf = leafOf(code);
    int subleaf = subleafOf(code);
    Refusal.unless(
        code >>> 17 == 0 && TdCpuid.isField(leaf, subleaf), Status.METADATA_FIELD_ID_INCORRECT);
    Refusal.unless(!TdCpuid.faults(leaf, subleaf), Status.METADATA_FIELD_NOT_READABLE);
    return tdcs.parameters().cpuid().field(leaf, subleaf, code & CPUID_ELEMENT);
  }

  private static int leafOf(int code) {
    return code >>> 9 & 0x7f | ((code & CPUID_HIGH) != 0 ? 1 << 31 : 0);
  }

  private static int subleafOf(int code) {
    return (code & CPUID_NO_SUBLEAF) != 0 ? NO_SUBLEAF : code >>> 1 & 0x7f;
  }

  /**
   * The other element, then the leaves in the order of their positions, those without values too.
   */
  private static int nextCpuid(int code) {
    if (code >= 0 && (code & CPUID_ELEMENT) == 0) {
      return code | CPUID_ELEMENT;
    }
    int before = code < 0 ? -1 : TdCpuid.controlSlot(leafOf(code), subleafOf(code));
    TdCpuid.LeafId next = TdCpuid.leafAfter(before);
    if (next == null) {
      return -1;
    }
    int subleaf = next.subleaf() == NO_SUBLEAF ? CPUID_NO_SUBLEAF | 0x7f << 1 : next.subleaf() << 1;
    return (next.leaf() & 0x7f) << 9 | (next.leaf() < 0 ? CPUID_HIGH : 0) | subleaf;
  }
}
