package org.swtdx.tdxmodule.virt;

import java.util.Arrays;
import java.util.List;
import org.swtdx.cpu.MsrPolicy;
import org.swtdx.tdxmodule.table.TableText;

/**
 * What RDMSR and WRMSR do in one TD, resolved from {@code msr.txt} beside this class for the TD's
 * features; also its MSR bitmaps. Immutable.
 */
public final class TdMsrs implements MsrPolicy {
  /** What an access does. */
  public enum Action {
    /** The processor executes it. */
    NATIVE,
    /** The module answers. */
    MODULE,
    /** #GP(0). */
    GENERAL_PROTECTION,
    /** #VE. */
    VIRTUALIZATION_EXCEPTION
  }

  /** IA32_ARCH_CAPABILITIES bits that a host may choose: SSB_NO, RRSBA, BHI_NO, PBRSB_NO. */
  public static final long CONFIGURABLE_ARCH_CAPABILITIES = 1 << 4 | 1 << 19 | 1 << 20 | 1 << 24;

  private static final int RANGE = 0x2000;
  private static final int HIGH_BASE = 0xc0000000;
  private static final List<String> TABLE = TableText.rows(TdMsrs.class, "msr.txt");

  // RDCL_NO, IBRS_ALL, SKIP_L1DFL_VMENTRY, MDS_NO, IF_PSCHANGE_MC_NO, TAA_NO, SBDR_SSDP_NO,
  // FBSDP_NO, PSDP_NO: an interpreter speculates on nothing.
  private static final long OWN_ARCH_CAPABILITIES =
      1 | 1 << 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 13 | 1 << 14 | 1 << 15;
  private static final long XAPIC_DISABLE_STATUS = 1 << 21;
  private static final long RRSBA = 1 << 19;

  private final Action[] reads = new Action[2 * RANGE];
  private final Action[] writes = new Action[2 * RANGE];

  TdMsrs(TdParameters parameters) {
    Arrays.fill(reads, Action.VIRTUALIZATION_EXCEPTION);
    Arrays.fill(writes, Action.VIRTUALIZATION_EXCEPTION);
    for (String line : TABLE) {
      String[] words = line.split(" ", -1);
      String[] range = words[0].split("-", -1);
      int first = Integer.parseUnsignedInt(range[0], 16);
      int last = Integer.parseUnsignedInt(range[range.length - 1], 16);
      for (int msr = first; msr <= last; msr++) {
        reads[slot(msr)] = resolve(words[1], msr, parameters);
        writes[slot(msr)] = resolve(words[2], msr, parameters);
      }
    }
  }

  /** Returns what a RDMSR or WRMSR of {@code msr} does. */
  public Action action(int msr, boolean write) {
    int slot = slot(msr);
    return slot < 0 ? Action.VIRTUALIZATION_EXCEPTION : (write ? writes : reads)[slot];
  }

  @Override
  public boolean exits(int msr, boolean write) {
    return action(msr, write) != Action.NATIVE;
  }

  /**
   * Computes the guest's IA32_ARCH_CAPABILITIES.
   *
   * @param chosen what the host configured
   * @param configured whether it configured anything
   */
  static long archCapabilities(long chosen, boolean configured) {
    long value = OWN_ARCH_CAPABILITIES | XAPIC_DISABLE_STATUS;
    return configured ? value | chosen & RRSBA : value;
  }

  private static int slot(int msr) {
    if (msr >>> 13 == 0) {
      return msr;
    }
    return msr >>> 13 == HIGH_BASE >>> 13 ? RANGE + (msr & RANGE - 1) : -1;
  }

  private static Action resolve(String word, int msr, TdParameters td) {
    int colon = word.indexOf(':');
    if (colon >= 0) {
      return enabled(word.substring(0, colon), td)
          ? Action.NATIVE
          : resolve(word.substring(colon + 1), msr, td);
    }
    return switch (word) {
      case "native" -> Action.NATIVE;
      case "module" -> Action.MODULE;
      case "gp" -> Action.GENERAL_PROTECTION;
      case "ve" -> Action.VIRTUALIZATION_EXCEPTION;
      case "gp/ve" ->
          enumerated(msr, td.cpuid()) ? Action.VIRTUALIZATION_EXCEPTION : Action.GENERAL_PROTECTION;
      default -> throw new IllegalStateException("unknown action in the MSR table: " + word);
    };
  }

  private static boolean enabled(String feature, TdParameters td) {
    TdCpuid cpuid = td.cpuid();
    return switch (feature) {
      case "perfmon", "other" -> (td.attributes() & TdAttributes.PERFMON) != 0;
      case "pks" -> (td.attributes() & TdAttributes.PKS) != 0;
      case "umwait" -> cpuid.has(7, 0, 2, 5);
      case "tsx" -> cpuid.has(7, 0, 1, 11);
      case "xfd" -> (td.xfam() & Xfam.AMX) == Xfam.AMX;
      case "pt" -> (td.xfam() >>> Xfam.PT_BIT & 1) != 0;
      case "cet" -> (td.xfam() & Xfam.CET) == Xfam.CET;
      case "uli" -> (td.xfam() >>> Xfam.ULI_BIT & 1) != 0;
      case "lbr" -> (td.xfam() >>> Xfam.LBR_BIT & 1) != 0;
      default -> throw new IllegalStateException("unknown feature in the MSR table: " + feature);
    };
  }

  // The CPUID bit without which the MSR does not exist for the guest.
  private static boolean enumerated(int msr, TdCpuid cpuid) {
    return switch (msr) {
      case 0x1f8, 0x1f9, 0x1fa -> cpuid.has(1, 0, 2, 18);
      case 0x981, 0x982, 0x983, 0x984 -> cpuid.has(7, 0, 2, 13);
      case 0x87 -> cpuid.has(7, 0, 3, 18);
      case 0x6e0 -> cpuid.has(1, 0, 2, 24);
      default ->
          throw new IllegalStateException("no CPUID rule for MSR 0x" + Integer.toHexString(msr));
    };
  }
}
