package org.swtdx.kvm;

/**
 * MSRs of processors long gone, or of parts that guests do not have, which guests access without
 * asking CPUID: they read as a constant, and some ignore writes.
 */
final class LegacyMsrs {
  static final int NONE = -1;

  private LegacyMsrs() {}

  /** What an MSR reads as; {@link #NONE} if it is not here. */
  static long read(int msr) {
    return switch (msr) {
      // Platform id, power-on configuration, last branches
      case 0x17, 0x2a, 0x1db, 0x1dc, 0x1dd, 0x1de -> 0;
      // Power control, power units and energy counters
      case 0x199, 0x606, 0x611, 0x619, 0x639, 0x641 -> 0;
      // Machine-check address and type of the P5
      case 0x0, 0x1 -> 0;
      // Performance counters and their event selectors, of two families
      case 0xc1, 0xc2, 0x186, 0x187 -> 0;
      case 0xc001_0000, 0xc001_0001, 0xc001_0002, 0xc001_0003 -> 0;
      case 0xc001_0004, 0xc001_0005, 0xc001_0006, 0xc001_0007 -> 0;
      // System and north-bridge configuration, SMM segment, host save area, of AMD's
      case 0xc001_0010, 0xc001_001f, 0xc001_0055, 0xc001_0058, 0xc001_0112, 0xc001_0113 -> 0;
      case 0xc001_0117, 0xc001_1022, 0xc001_1023, 0xc001_102a, 0xc001_102c -> 0;
      // Bus frequencies, at which guests divide
      case 0xcd -> 3;
      case 0x2c -> 1 << 24;
      // Ticks of the TSC, and the multiplier
      case 0x198 -> 1000 | 4L << 40;
      // Second-level cache: 256 KiB, enabled
      case 0x11e -> 0xbe70_2111L;
      // Clock control of the K7
      case 0xc001_001b -> 0x2000_0000;
      default -> NONE;
    };
  }

  /** What a write does: nothing, if the MSR is here and takes writes. */
  static int write(int msr, long value) {
    return switch (msr) {
      case 0x79, 0xc1, 0xc2, 0x186, 0x187, 0x11e -> VmxMsrs.DONE;
      case 0xc001_0000, 0xc001_0001, 0xc001_0002, 0xc001_0003 -> VmxMsrs.DONE;
      case 0xc001_0004, 0xc001_0005, 0xc001_0006, 0xc001_0007 -> VmxMsrs.DONE;
      case 0xc001_001b, 0xc001_001f, 0xc001_0020, 0xc001_0117 -> VmxMsrs.DONE;
      case 0xc001_1022, 0xc001_1023, 0xc001_102a, 0xc001_102c -> VmxMsrs.DONE;
      case 0xc001_0058 -> value == 0 ? VmxMsrs.DONE : VmOptions.MSR_INVALID;
      default -> VmOptions.MSR_UNKNOWN;
    };
  }
}
