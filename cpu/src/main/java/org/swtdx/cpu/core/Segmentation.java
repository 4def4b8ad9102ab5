package org.swtdx.cpu.core;

import org.swtdx.cpu.SegmentRegister;

/** Limit and type checks of segments that are not flat; SDM Vol. 3A 6.3 and 6.5. */
final class Segmentation {
  private Segmentation() {}

  /** Returns the linear address of {@code offset}, or faults. Never used in 64-bit mode. */
  static long check(Core core, int segment, long offset, int size, boolean write) {
    int rights = core.accessRights[segment];
    boolean isProtected = (core.cr0 & Core.CR0_PE) != 0 && (core.flags.control & Flags.VM) == 0;
    if (isProtected && !permits(rights, write) || !within(core, segment, offset, size)) {
      throw core.raise(segment == SegmentRegister.SS ? Core.SS : Core.GP, 0);
    }
    return core.segmentBase[segment] + offset & 0xffffffffL;
  }

  private static boolean permits(int rights, boolean write) {
    if ((rights & 1 << 16) != 0) {
      return false;
    }
    boolean code = (rights & 8) != 0;
    boolean bit1 = (rights & 2) != 0;
    return code ? !write && bit1 : !write || bit1;
  }

  /** Whether {@code size} bytes from {@code offset} are inside the segment's limit. */
  static boolean within(Core core, int segment, long offset, int size) {
    int rights = core.accessRights[segment];
    long limit = core.segmentLimit[segment] & 0xffffffffL;
    long end = offset + size - 1;
    if ((rights & 0xc) == 4) {
      long top = (rights & 1 << 14) != 0 ? 0xffffffffL : 0xffff;
      return offset > limit && end <= top;
    }
    return end <= limit;
  }
}
