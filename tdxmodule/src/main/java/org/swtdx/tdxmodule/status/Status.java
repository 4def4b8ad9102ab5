package org.swtdx.tdxmodule.status;

/**
 * Completion status codes, TDX Module ABI Reference, "Function Completion Status Codes". Bits 63:32
 * identify the code (bit 63 error, 62 non-recoverable, 61 fatal, 47:40 class); bits 31:0 hold
 * details, so two codes are compared with {@link #is}.
 */
public final class Status {
  /** Completed; after TDH.VP.ENTER the low half is the exit reason. */
  public static final long SUCCESS = 0x00000000_00000000L;

  /** TD exit: the vCPU shut down and is disabled. */
  public static final long NON_RECOVERABLE_VCPU = 0x40000001_00000000L;

  /** TD exit: the TD did something fatal. */
  public static final long NON_RECOVERABLE_TD = 0x60000002_00000000L;

  /** TD exit: TD memory failed its integrity check. */
  public static final long NON_RECOVERABLE_TD_NON_ACCESSIBLE = 0x60000005_00000000L;

  /** Stopped by an interrupt; progress is kept, same operands again. */
  public static final long INTERRUPTED_RESUMABLE = 0x80000003_00000000L;

  /** Stopped by an interrupt; nothing is kept. */
  public static final long INTERRUPTED_RESTARTABLE = 0x80000004_00000000L;

  /** An operand breaks its format; details: operand id. */
  public static final long OPERAND_INVALID = 0xC0000100_00000000L;

  /** An HPA lies in no initialized TDMR; details: operand id. */
  public static final long OPERAND_ADDR_RANGE_ERROR = 0xC0000101_00000000L;

  /** A lock is held elsewhere; details: operand or object id. */
  public static final long OPERAND_BUSY = 0x80000200_00000000L;

  /** vCPUs still run that entered before the last TRACK. */
  public static final long PREVIOUS_TLB_EPOCH_BUSY = 0x80000201_00000000L;

  /** The module's global lock is held. */
  public static final long SYS_BUSY = 0x80000202_00000000L;

  /** The random number generator gave nothing; retry. */
  public static final long RND_NO_ENTROPY = 0x80000203_00000000L;

  /** A host lock request has priority; guests see OPERAND_BUSY. */
  public static final long OPERAND_BUSY_HOST_PRIORITY = 0x80000204_00000000L;

  /** TD exit: the guest waited too long for a lock the host wants. */
  public static final long HOST_PRIORITY_BUSY_TIMEOUT = 0x90000205_00000000L;

  /** The page's PAMT type or size is not what the leaf needs. */
  public static final long PAGE_METADATA_INCORRECT = 0xC0000300_00000000L;

  /** TDR cannot go while the TD still owns pages. */
  public static final long TD_ASSOCIATED_PAGES_EXIST = 0xC0000400_00000000L;

  /** TDH.SYS.INIT was done before. */
  public static final long SYS_INIT_NOT_PENDING = 0xC0000500_00000000L;

  /** TDH.SYS.LP.INIT is missing on this or some LP. */
  public static final long SYS_LP_INIT_NOT_DONE = 0xC0000502_00000000L;

  /** TDH.SYS.LP.INIT was done on this LP before. */
  public static final long SYS_LP_INIT_DONE = 0xC0000503_00000000L;

  /** The module is not configured yet. */
  public static final long SYS_NOT_READY = 0xC0000505_00000000L;

  /** The module was shut down. */
  public static final long SYS_SHUTDOWN = 0xC0000506_00000000L;

  /** Not the time for TDH.SYS.KEY.CONFIG. */
  public static final long SYS_KEY_CONFIG_NOT_PENDING = 0xC0000507_00000000L;

  /** Not the time for TDH.SYS.UPDATE. */
  public static final long SYS_STATE_INCORRECT = 0xC0000508_00000000L;

  /** What the module before this one left cannot be used. */
  public static final long SYS_INVALID_HANDOFF = 0xC0000509_00000000L;

  /** Not the time for TDH.SYS.LP.INIT. */
  public static final long SYS_LP_INIT_NOT_PENDING = 0xC000050B_00000000L;

  /** Not the time for TDH.SYS.CONFIG. */
  public static final long SYS_CONFIG_NOT_PENDING = 0xC000050C_00000000L;

  /** The TD hit a fatal error and can only be torn down. */
  public static final long TD_FATAL = 0xE0000604_00000000L;

  /** Only for TDs with ATTRIBUTES.DEBUG. */
  public static final long TD_NON_DEBUG = 0xC0000605_00000000L;

  /** The TD lacks control pages. */
  public static final long TDCS_NOT_ALLOCATED = 0xC0000606_00000000L;

  /** Wrong TD life-cycle state. */
  public static final long LIFECYCLE_STATE_INCORRECT = 0xC0000607_00000000L;

  /** Wrong TD operation state. */
  public static final long OP_STATE_INCORRECT = 0xC0000608_00000000L;

  /** The TD has no vCPU. */
  public static final long NO_VCPUS = 0xC0000609_00000000L;

  /** Wrong number of control pages. */
  public static final long TDCX_NUM_INCORRECT = 0xC0000610_00000000L;

  /** Another vCPU has that x2APIC id; details: the id. */
  public static final long X2APIC_ID_NOT_UNIQUE = 0xC0000621_00000000L;

  /** Wrong vCPU state. */
  public static final long VCPU_STATE_INCORRECT = 0xC0000700_00000000L;

  /** The vCPU is associated with another LP. */
  public static final long VCPU_ASSOCIATED = 0x80000701_00000000L;

  /** The vCPU is not associated with this LP. */
  public static final long VCPU_NOT_ASSOCIATED = 0x80000702_00000000L;

  /** No #VE information is waiting. */
  public static final long NO_VALID_VE_INFO = 0xC0000704_00000000L;

  /** The TD has all the vCPUs it was configured for. */
  public static final long MAX_VCPUS_EXCEEDED = 0xC0000705_00000000L;

  /** The TSC is behind its value at the last exit. */
  public static final long TSC_ROLLBACK = 0xC0000706_00000000L;

  /** A VMCS field is needed first; details: field code. */
  public static final long TD_VMCS_FIELD_NOT_INITIALIZED = 0xC0000730_00000000L;

  /** The key engine had no entropy; retry. */
  public static final long KEY_GENERATION_FAILED = 0x80000800_00000000L;

  /** TDH.MNG.KEY.CONFIG is missing on some package. */
  public static final long TD_KEYS_NOT_CONFIGURED = 0x80000810_00000000L;

  /** This package's key was configured before (not an error). */
  public static final long KEY_CONFIGURED = 0x00000815_00000000L;

  /** TDH.PHYMEM.CACHE.WB is missing on some package. */
  public static final long WBCACHE_NOT_COMPLETE = 0x80000817_00000000L;

  /** The KeyID is in use. */
  public static final long HKID_NOT_FREE = 0xC0000820_00000000L;

  /** No KeyID waits for a cache write-back (not an error). */
  public static final long NO_HKID_READY_TO_WBCACHE = 0x00000821_00000000L;

  /** There is no interrupted cache write-back to resume. */
  public static final long WBCACHE_RESUME_ERROR = 0xC0000823_00000000L;

  /** Some vCPU is still associated with an LP. */
  public static final long FLUSHVP_NOT_DONE = 0x80000824_00000000L;

  /** IA32_MISC_ENABLE limits CPUID on this LP. */
  public static final long LIMIT_CPUID_MAXVAL_SET = 0xC0000901_00000000L;

  /** An MSR differs from its value at initialization; details: index. */
  public static final long INCONSISTENT_MSR = 0xC0000920_00000000L;

  /** CPUID_CONFIG describes no topology in leaf 0x1F. */
  public static final long CPUID_LEAF_1F_FORMAT_UNRECOGNIZED = 0xC0000904_00000000L;

  /** An MSR has a value TDX does not allow; details: index. */
  public static final long INCORRECT_MSR_VALUE = 0xC0000921_00000000L;

  /** A TDMR breaks its format; details: TDMR index. */
  public static final long INVALID_TDMR = 0xC0000A00_00000000L;

  /** TDMRs overlap or do not ascend; details: TDMR index. */
  public static final long NON_ORDERED_TDMR = 0xC0000A01_00000000L;

  /** Usable TDMR memory lies outside every CMR; details: TDMR index. */
  public static final long TDMR_OUTSIDE_CMRS = 0xC0000A02_00000000L;

  /** The whole TDMR was initialized before (not an error). */
  public static final long TDMR_ALREADY_INITIALIZED = 0x00000A03_00000000L;

  /** A PAMT area is misaligned or small; details: TDMR, level. */
  public static final long INVALID_PAMT = 0xC0000A10_00000000L;

  /** A PAMT area lies outside every CMR; details: TDMR, level. */
  public static final long PAMT_OUTSIDE_CMRS = 0xC0000A11_00000000L;

  /** A PAMT area overlaps another one or usable memory; details: who. */
  public static final long PAMT_OVERLAP = 0xC0000A12_00000000L;

  /** A reserved area breaks its format; details: TDMR, area. */
  public static final long INVALID_RESERVED_IN_TDMR = 0xC0000A20_00000000L;

  /** Reserved areas do not ascend; details: TDMR, area. */
  public static final long NON_ORDERED_RESERVED_IN_TDMR = 0xC0000A21_00000000L;

  /** The Secure EPT walk ended above the requested level. */
  public static final long EPT_WALK_FAILED = 0xC0000B00_00000000L;

  /** The Secure EPT entry maps no accessible page. */
  public static final long EPT_ENTRY_NOT_PRESENT = 0xC0000B03_00000000L;

  /** The range must be blocked first. */
  public static final long GPA_RANGE_NOT_BLOCKED = 0xC0000B06_00000000L;

  /** The range was blocked before (not an error). */
  public static final long GPA_RANGE_ALREADY_BLOCKED = 0x00000B07_00000000L;

  /** TLB tracking since the block is incomplete. */
  public static final long TLB_TRACKING_NOT_DONE = 0xC0000B08_00000000L;

  /** The children do not form one large page. */
  public static final long EPT_INVALID_PROMOTE_CONDITIONS = 0xC0000B09_00000000L;

  /** The page was accepted before (not an error); details: level. */
  public static final long PAGE_ALREADY_ACCEPTED = 0x00000B0A_00000000L;

  /** The page is mapped with another size; details: level. */
  public static final long PAGE_SIZE_MISMATCH = 0xC0000B0B_00000000L;

  /** Wrong Secure EPT entry state. */
  public static final long EPT_ENTRY_STATE_INCORRECT = 0xC0000B0D_00000000L;

  /** The Secure EPT page still has entries in use. */
  public static final long EPT_PAGE_NOT_FREE = 0xC0000B0E_00000000L;

  /** No such metadata field. */
  public static final long METADATA_FIELD_ID_INCORRECT = 0xC0000C00_00000000L;

  /** No bit of the field is writable that way. */
  public static final long METADATA_FIELD_NOT_WRITABLE = 0xC0000C01_00000000L;

  /** No bit of the field is readable that way. */
  public static final long METADATA_FIELD_NOT_READABLE = 0xC0000C02_00000000L;

  /** The value may not be written to that field. */
  public static final long METADATA_FIELD_VALUE_NOT_VALID = 0xC0000C03_00000000L;

  /** More fields are left than the metadata list has room for. */
  public static final long METADATA_LIST_OVERFLOW = 0xC0000C04_00000000L;

  /** The mask does not select what can only be written as a whole. */
  public static final long METADATA_WR_MASK_NOT_VALID = 0xC0000C0A_00000000L;

  /** The first readable field id is returned (not an error). */
  public static final long METADATA_FIRST_FIELD_ID_IN_CONTEXT = 0x00000C0B_00000000L;

  /** A report's CPUSVN is not this platform's. */
  public static final long INVALID_CPUSVN = 0xC0001000_00000000L;

  /** A report's MAC is wrong. */
  public static final long INVALID_REPORTMACSTRUCT = 0xC0001001_00000000L;

  private Status() {}

  /** Returns {@code code} with {@code details}, for example an {@link Operand} id, in bits 31:0. */
  public static long with(long code, int details) {
    return code | details & 0xffff_ffffL;
  }

  /** Returns whether {@code status} is {@code code}, details disregarded. */
  public static boolean is(long status, long code) {
    return status >>> 32 == code >>> 32;
  }

  /** Returns whether bit 63 says that the leaf failed. */
  public static boolean isError(long status) {
    return status < 0;
  }
}
