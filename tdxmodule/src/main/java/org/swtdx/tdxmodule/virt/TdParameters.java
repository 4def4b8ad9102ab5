package org.swtdx.tdxmodule.virt;

import java.util.Arrays;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.measure.Sha384;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * What TDH.MNG.INIT accepted from TD_PARAMS (TDX Module ABI Reference, "TD_PARAMS") and the tables
 * that follow from it. Immutable.
 */
public final class TdParameters {
  /** Bytes of TD_PARAMS; also its alignment. */
  public static final int SIZE = 1024;

  /** Most vCPUs that a TD can have. */
  public static final int MAX_VCPUS_LIMIT = 576;

  /** CONFIG_FLAGS bit: guest physical addresses have 52 bits, not 48. */
  public static final long GPAW = 1;

  /** CONFIG_FLAGS bit: the guest may change TD_CTLS.PENDING_VE_DISABLE. */
  public static final long FLEXIBLE_PENDING_VE = 1 << 1;

  /** CONFIG_FLAGS bit: TDG.VP.VMCALL neither passes nor changes RBP. */
  public static final long NO_RBP_MOD = 1 << 2;

  /** CONFIG_FLAGS bit: CPUID reports a MAXPA that the host chose. */
  public static final long MAXPA_VIRT = 1 << 3;

  /** Least MAXPA that a host can choose (MIN_VIRT_MAXPA). */
  public static final int MIN_PHYSICAL_ADDRESS_WIDTH = 45;

  /** TSC_FREQUENCY unit in Hz. */
  public static final long TSC_UNIT = 25_000_000;

  /** The CONFIG_FLAGS that this module knows. */
  public static final long KNOWN_FLAGS = GPAW | FLEXIBLE_PENDING_VE | NO_RBP_MOD | MAXPA_VIRT;

  private static final int MIN_TSC_FREQUENCY = 4;
  private static final int MAX_TSC_FREQUENCY = 400;
  private static final int EPTP_WB_4LEVEL = 0x1e;
  private static final int EPTP_WB_5LEVEL = 0x26;

  private final long attributes;
  private final long xfam;
  private final int maxVcpus;
  private final long eptpControls;
  private final long configFlags;
  private final int tscFrequency;
  private final byte[] mrConfigId;
  private final byte[] mrOwner;
  private final byte[] mrOwnerConfig;
  private final long archCapabilities;
  private final TdCpuid cpuid;
  private final TdMsrs msrs;

  /** The refusal of a CPUID_CONFIG entry; RCX tells which one. */
  public static final class CpuidRefusal extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1;

    private final long leafAndSubleaf;

    CpuidRefusal(TdCpuid.LeafId conflict) {
      super("CPUID_CONFIG", null, false, false);
      leafAndSubleaf = Integer.toUnsignedLong(conflict.leaf()) | (long) conflict.subleaf() << 32;
    }

    /** Leaf in bits 31:0, sub-leaf in bits 63:32 (all ones: none). */
    public long leafAndSubleaf() {
      return leafAndSubleaf;
    }

    /** The completion status of the leaf. */
    public long status() {
      return Status.with(Status.OPERAND_INVALID, Operand.CPUID_CONFIG);
    }
  }

  private TdParameters(byte[] params, CpuidModel processor) throws Refusal, CpuidRefusal {
    attributes = LittleEndian.u64(params, Field.ATTRIBUTES);
    xfam = LittleEndian.u64(params, Field.XFAM);
    maxVcpus = LittleEndian.u16(params, Field.MAX_VCPUS);
    eptpControls = LittleEndian.u64(params, Field.EPTP_CONTROLS);
    configFlags = LittleEndian.u64(params, Field.CONFIG_FLAGS);
    tscFrequency = LittleEndian.u16(params, Field.TSC_FREQUENCY);
    mrConfigId = measurement(params, Field.MRCONFIGID);
    mrOwner = measurement(params, Field.MROWNER);
    mrOwnerConfig = measurement(params, Field.MROWNERCONFIG);
    boolean chosen = (params[Field.MSR_CONFIG_CTLS] & 1) != 0;
    archCapabilities =
        TdMsrs.archCapabilities(
            chosen ? LittleEndian.u64(params, Field.ARCH_CAPABILITIES) : 0, chosen);
    int[] config = cpuidConfig(params);
    cpuid = TdCpuid.compute(processor, this, config);
    msrs = new TdMsrs(this);
  }

  /** Offsets in TD_PARAMS. */
  private static final class Field {
    static final int ATTRIBUTES = 0;
    static final int XFAM = 8;
    static final int MAX_VCPUS = 16;
    static final int NUM_L2_VMS = 18;
    static final int MSR_CONFIG_CTLS = 19;
    static final int RESERVED_0 = 20;
    static final int EPTP_CONTROLS = 24;
    static final int CONFIG_FLAGS = 32;
    static final int TSC_FREQUENCY = 40;
    static final int RESERVED_1 = 42;
    static final int MRCONFIGID = 80;
    static final int MROWNER = 128;
    static final int MROWNERCONFIG = 176;
    static final int ARCH_CAPABILITIES = 224;
    static final int RESERVED_2 = 232;
    static final int CPUID_CONFIG = 256;

    private Field() {}
  }

  /** Refuses when the host's TSC cannot be relied on. */
  @FunctionalInterface
  public interface ClockCheck {
    /** Refuses with INCONSISTENT_MSR. */
    void check() throws Refusal;
  }

  /**
   * Checks TD_PARAMS in the order of the ABI and computes what follows from it.
   *
   * @param params the {@link #SIZE} bytes of TD_PARAMS
   * @param processor the processor's own CPUID
   * @param clock checks the host's TSC when its turn comes
   */
  public static TdParameters check(byte[] params, CpuidModel processor, ClockCheck clock)
      throws Refusal, CpuidRefusal {
    features(params, processor);
    reserved(params, Field.RESERVED_0, Field.EPTP_CONTROLS);
    addressing(params, processor);
    int frequency = LittleEndian.u16(params, Field.TSC_FREQUENCY);
    Refusal.operandInvalidIf(
        frequency < MIN_TSC_FREQUENCY || frequency > MAX_TSC_FREQUENCY, Operand.TSC_FREQUENCY);
    clock.check();
    reserved(params, Field.RESERVED_1, Field.MRCONFIGID);
    Refusal.operandInvalidIf((params[Field.MSR_CONFIG_CTLS] & ~1) != 0, Operand.RDX);
    reserved(params, Field.RESERVED_2, Field.CPUID_CONFIG);
    TdParameters accepted = new TdParameters(params, processor);
    reserved(params, Field.CPUID_CONFIG + 16 * TdCpuid.configCount(), SIZE);
    boolean chosen = (params[Field.MSR_CONFIG_CTLS] & 1) != 0;
    long configurable = chosen ? TdMsrs.CONFIGURABLE_ARCH_CAPABILITIES : 0;
    Refusal.operandInvalidIf(
        (LittleEndian.u64(params, Field.ARCH_CAPABILITIES) & ~configurable) != 0,
        Operand.IA32_ARCH_CAPABILITIES_CONFIG);
    return accepted;
  }

  /** As {@link #check(byte[], CpuidModel, ClockCheck)} where the host's TSC is in order. */
  public static TdParameters check(byte[] params, CpuidModel processor)
      throws Refusal, CpuidRefusal {
    return check(params, processor, () -> {});
  }

  private static void features(byte[] params, CpuidModel processor) throws Refusal {
    long attributes = LittleEndian.u64(params, Field.ATTRIBUTES);
    Refusal.operandInvalidIf(
        (attributes & ~TdAttributes.allowed(processor)) != 0
            || (~attributes & TdAttributes.required()) != 0,
        Operand.ATTRIBUTES);
    long xfam = LittleEndian.u64(params, Field.XFAM);
    Refusal.operandInvalidIf(
        (xfam & ~Xfam.allowed(processor)) != 0 || !Xfam.consistent(xfam), Operand.XFAM);
    int vcpus = LittleEndian.u16(params, Field.MAX_VCPUS);
    Refusal.operandInvalidIf(vcpus == 0 || vcpus > MAX_VCPUS_LIMIT, Operand.MAX_VCPUS);
    // Partitioning is not offered: TDX_FEATURES0.TD_PARTITIONING is 0.
    Refusal.operandInvalidIf(params[Field.NUM_L2_VMS] != 0, Operand.NUM_L2_VMS);
  }

  private static void addressing(byte[] params, CpuidModel processor) throws Refusal {
    long flags = LittleEndian.u64(params, Field.CONFIG_FLAGS);
    boolean fiveLevels = (processor.cpuid(7, 0).ecx() & 1 << 16) != 0;
    boolean wide = (flags & GPAW) != 0;
    Refusal.operandInvalidIf((flags & ~KNOWN_FLAGS) != 0, Operand.EXEC_CONTROLS);
    long eptp = LittleEndian.u64(params, Field.EPTP_CONTROLS);
    boolean valid = eptp == EPTP_WB_5LEVEL && fiveLevels || eptp == EPTP_WB_4LEVEL && !wide;
    Refusal.operandInvalidIf(!valid, Operand.EPTP_CONTROLS);
  }

  private static void reserved(byte[] params, int from, int to) throws Refusal {
    for (int i = from; i < to; i++) {
      Refusal.operandInvalidIf(params[i] != 0, Operand.RDX);
    }
  }

  private static byte[] measurement(byte[] params, int offset) {
    return Arrays.copyOfRange(params, offset, offset + Sha384.SIZE);
  }

  private static int[] cpuidConfig(byte[] params) {
    int[] config = new int[4 * TdCpuid.configCount()];
    for (int i = 0; i < config.length; i++) {
      config[i] = LittleEndian.u32(params, Field.CPUID_CONFIG + 4 * i);
    }
    return config;
  }

  /** ATTRIBUTES, see {@link TdAttributes}. */
  public long attributes() {
    return attributes;
  }

  /** Whether the host may look into the TD. */
  public boolean debug() {
    return (attributes & TdAttributes.DEBUG) != 0;
  }

  /** XFAM, see {@link Xfam}. */
  public long xfam() {
    return xfam;
  }

  /** Most vCPUs that may be initialized, 1 to {@link #MAX_VCPUS_LIMIT}. */
  public int maxVcpus() {
    return maxVcpus;
  }

  /** EPTP with address zero: memory type and page-walk length minus one in bits 5:3. */
  public long eptpControls() {
    return eptpControls;
  }

  /** Levels of the Secure EPT, 4 or 5. */
  public int eptLevels() {
    return (int) (eptpControls >>> 3 & 7) + 1;
  }

  /** CONFIG_FLAGS. */
  public long configFlags() {
    return configFlags;
  }

  /** Width of guest physical addresses, 48 or 52; the top bit is SHARED. */
  public int guestPhysicalAddressWidth() {
    return (configFlags & GPAW) != 0 ? 52 : 48;
  }

  /** MAXPA as the guest's CPUID tells it: the processor's own, or a smaller one of the host's. */
  public int physicalAddressWidth() {
    return (int) cpuid.field(0x80000008, -1, 0) & 0xff;
  }

  /**
   * Bits of a guest physical address that are 0 in every address: those from the width of guest
   * addresses, or from MAXPA if that is smaller, but not SHARED.
   */
  public long reservedAddressBits() {
    return -1L << Math.min(physicalAddressWidth(), guestPhysicalAddressWidth()) & ~sharedBit();
  }

  /** The SHARED bit of a guest physical address. */
  public long sharedBit() {
    return 1L << guestPhysicalAddressWidth() - 1;
  }

  /** Virtual TSC frequency in units of {@link #TSC_UNIT}. */
  public int tscFrequency() {
    return tscFrequency;
  }

  /** MRCONFIGID, 48 bytes. */
  public byte[] mrConfigId() {
    return mrConfigId.clone();
  }

  /** MROWNER, 48 bytes. */
  public byte[] mrOwner() {
    return mrOwner.clone();
  }

  /** MROWNERCONFIG, 48 bytes. */
  public byte[] mrOwnerConfig() {
    return mrOwnerConfig.clone();
  }

  /** IA32_ARCH_CAPABILITIES as the guest reads it. */
  public long archCapabilities() {
    return archCapabilities;
  }

  /** The TD's CPUID. */
  public TdCpuid cpuid() {
    return cpuid;
  }

  /** The TD's MSR policy. */
  public TdMsrs msrs() {
    return msrs;
  }

  /** TD_CTLS after TDH.MNG.INIT: PENDING_VE_DISABLE follows ATTRIBUTES.SEPT_VE_DISABLE. */
  public long initialTdCtls() {
    return (attributes & TdAttributes.SEPT_VE_DISABLE) != 0 ? 1 : 0;
  }
}
