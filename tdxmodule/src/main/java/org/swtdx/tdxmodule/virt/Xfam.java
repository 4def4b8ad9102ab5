package org.swtdx.tdxmodule.virt;

import org.swtdx.cpu.CpuidModel;

/**
 * Extended features of a TD: a mask in XCR0|XSS format and the XSAVE area sizes that follow from
 * it.
 */
public final class Xfam {
  /** x87 and SSE, without which there is no TD (XFAM_FIXED1). */
  public static final long REQUIRED = 3;

  /** AVX state. */
  public static final long AVX = 1L << 2;

  /** AVX-512 state: opmask, upper halves, upper registers. */
  public static final long AVX512 = 7L << 5;

  /** Processor trace. */
  public static final int PT_BIT = 8;

  /** Protection keys of user pages. */
  public static final long PKRU = 1L << 9;

  /** Shadow-stack state, user and supervisor. */
  public static final long CET = 3L << 11;

  /** User interrupts. */
  public static final int ULI_BIT = 14;

  /** Architectural last-branch records. */
  public static final int LBR_BIT = 15;

  /** AMX state: tile configuration and data. */
  public static final long AMX = 3L << 17;

  /** What XCR0 may hold; the rest of XFAM belongs to IA32_XSS. */
  public static final long USER = 0x602e7;

  private static final long MODULE_KNOWS = 0x6dbe7;
  private static final int LEAF = 0xd;
  private static final int LEGACY_SIZE = 576;

  private Xfam() {}

  /** Bits that may be 1 on this platform (XFAM_FIXED0). */
  public static long allowed(CpuidModel processor) {
    CpuidModel.Result user = processor.cpuid(LEAF, 0);
    CpuidModel.Result supervisor = processor.cpuid(LEAF, 1);
    long bits =
        Integer.toUnsignedLong(user.eax() | supervisor.ecx())
            | (long) (user.edx() | supervisor.edx()) << 32;
    return bits & MODULE_KNOWS | REQUIRED;
  }

  /** Whether a TD can have exactly these features: architectural groups come whole. */
  public static boolean consistent(long xfam) {
    return (xfam & REQUIRED) == REQUIRED
        && wholeOrNone(xfam, AVX512)
        && ((xfam & AVX512) == 0 || (xfam & AVX) != 0)
        && wholeOrNone(xfam, CET)
        && wholeOrNone(xfam, AMX);
  }

  /** Whether XSETBV may load {@code xcr0} in a TD with {@code xfam}. */
  public static boolean validXcr0(long xcr0, long xfam) {
    return (xcr0 & 1) != 0
        && (xcr0 & ~(xfam & USER)) == 0
        && ((xcr0 & AVX) == 0 || (xcr0 & 2) != 0)
        && wholeOrNone(xcr0, AVX512)
        && ((xcr0 & AVX512) == 0 || (xcr0 & AVX) != 0)
        && wholeOrNone(xcr0, AMX);
  }

  /** Bytes of a standard-format XSAVE area with {@code features}. */
  public static int standardSize(CpuidModel processor, long features) {
    int size = LEGACY_SIZE;
    for (int i = 2; i < 32; i++) {
      if ((features >>> i & 1) != 0) {
        CpuidModel.Result component = processor.cpuid(LEAF, i);
        size = Math.max(size, component.eax() + component.ebx());
      }
    }
    return size;
  }

  /** Bytes of a compacted XSAVE area with {@code features}. */
  public static int compactedSize(CpuidModel processor, long features) {
    int size = LEGACY_SIZE;
    for (int i = 2; i < 32; i++) {
      if ((features >>> i & 1) != 0) {
        CpuidModel.Result component = processor.cpuid(LEAF, i);
        if ((component.ecx() & 2) != 0) {
          size = (size + 63) & ~63;
        }
        size += component.eax();
      }
    }
    return size;
  }

  /**
   * Offset of component {@code bit} in a compacted XSAVE area with {@code features}, 0 if absent.
   */
  public static int compactedOffset(CpuidModel processor, long features, int bit) {
    if (bit < 2 || (features >>> bit & 1) == 0) {
      return 0;
    }
    int before = compactedSize(processor, features & (1L << bit) - 1);
    return (processor.cpuid(LEAF, bit).ecx() & 2) != 0 ? (before + 63) & ~63 : before;
  }

  private static boolean wholeOrNone(long value, long group) {
    return (value & group) == 0 || (value & group) == group;
  }
}
