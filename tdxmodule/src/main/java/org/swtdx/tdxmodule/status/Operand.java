package org.swtdx.tdxmodule.status;

/** Operand and object ids that completion status details name, TDX Module ABI Reference. */
public final class Operand {
  /** Register operands. */
  public static final int RAX = 0,
      RCX = 1,
      RDX = 2,
      RBX = 3,
      RBP = 5,
      RSI = 6,
      RDI = 7,
      R8 = 8,
      R9 = 9,
      R10 = 10,
      R11 = 11,
      R12 = 12,
      R13 = 13,
      R14 = 14,
      R15 = 15;

  /** TD_PARAMS fields. */
  public static final int ATTRIBUTES = 64,
      XFAM = 65,
      EXEC_CONTROLS = 66,
      EPTP_CONTROLS = 67,
      MAX_VCPUS = 68,
      CPUID_CONFIG = 69,
      TSC_FREQUENCY = 70,
      NUM_L2_VMS = 71,
      IA32_ARCH_CAPABILITIES_CONFIG = 72;

  /** A TDMR_INFO entry's address in the array given to TDH.SYS.CONFIG. */
  public static final int TDMR_INFO_PA = 96;

  /** Implicit control structures, found through the owner of an explicit operand. */
  public static final int TDR = 128, TDCX = 129, TDVPR = 130, TDCS = 144, TDVPS = 145;

  /** Parts of the Secure EPT. */
  public static final int SEPT_TREE = 146, SEPT_ENTRY = 147;

  /** TD-scope objects with a lock of their own. */
  public static final int RTMR = 168, TD_EPOCH = 169, OP_STATE = 172, METADATA_FIELD = 176;

  /** Platform-scope objects with a lock of their own. */
  public static final int SYS = 184, TDMR = 185, KOT = 186, KET = 187, WBCACHE = 188;

  private Operand() {}
}
