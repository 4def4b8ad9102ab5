package org.swtdx.kvm;

/**
 * The MTRRs of an ordinary vCPU: eight variable ranges, the fixed ones and the default type. They
 * hold what is valid and have no effect. SDM Vol. 3 12.11.
 */
final class MemoryTypeMsrs {
  static final int CAPABILITY = 0xfe;

  private static final int VARIABLE = 0x200, RANGES = 8;
  private static final int FIX_64K = 0x250, FIX_16K = 0x258, FIX_4K = 0x268, LAST_FIXED = 0x26f;
  private static final int DEFAULT_TYPE = 0x2ff;

  /** Write-combining, fixed ranges, eight variable ones. */
  private static final long CAPABILITY_VALUE = 0x500 | RANGES;

  /** Uncacheable, write-combining, write-through, write-protected, write-back. */
  private static final int TYPES = 0x73;

  private final long[] values = new long[DEFAULT_TYPE - VARIABLE + 1];

  /** Whether {@code msr} is one of these. */
  static boolean contains(int msr) {
    return msr == CAPABILITY
        || msr >= VARIABLE && msr < VARIABLE + 2 * RANGES
        || msr == FIX_64K
        || msr == FIX_16K
        || msr == FIX_16K + 1
        || msr >= FIX_4K && msr <= LAST_FIXED
        || msr == DEFAULT_TYPE;
  }

  long read(int msr) {
    return msr == CAPABILITY ? CAPABILITY_VALUE : values[msr - VARIABLE];
  }

  /**
   * Writes one.
   *
   * @param physicalBits MAXPHYADDR of the guest
   */
  int write(int msr, long data, int physicalBits) {
    if (msr == CAPABILITY) {
      return VmOptions.MSR_UNKNOWN;
    }
    if (!valid(msr, data, physicalBits)) {
      return VmOptions.MSR_INVALID;
    }
    values[msr - VARIABLE] = data;
    return VmxMsrs.DONE;
  }

  private static boolean valid(int msr, long data, int physicalBits) {
    if (msr == DEFAULT_TYPE) {
      return (data & ~0xcffL) == 0 && isType(data);
    }
    if (msr >= FIX_64K) {
      for (int i = 0; i < Long.SIZE; i += Byte.SIZE) {
        if (!isType(data >>> i)) {
          return false;
        }
      }
      return true;
    }
    boolean base = (msr & 1) == 0;
    long reserved = -1L << physicalBits | (base ? 0xf00 : 0x7ff);
    return (data & reserved) == 0 && (!base || isType(data));
  }

  private static boolean isType(long data) {
    int type = (int) data & 0xff;
    return type < 8 && (TYPES >>> type & 1) != 0;
  }
}
