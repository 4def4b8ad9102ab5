package org.swtdx.cpu.core;

import java.util.Arrays;
import org.swtdx.cpu.SegmentRegister;

/**
 * Derives a core's mode fields and numbers the contexts that code is decoded in. Two moments with
 * the same {@link Core#codeContext} decode the same bytes at the same RIP to the same instructions.
 */
final class ModeTracker {
  private static final int UNUSABLE = 1 << 16;
  private static final int CONTEXTS = 64;

  private final long[] bases = new long[CONTEXTS];
  private final long[] keys = new long[CONTEXTS];
  private final int[] numbers = new int[CONTEXTS];
  private int used;
  private int last;

  ModeTracker() {}

  void update(Core core) {
    boolean virtual8086 = (core.flags.control & Flags.VM) != 0;
    boolean isProtected = (core.cr0 & Core.CR0_PE) != 0 && !virtual8086;
    int code = core.accessRights[SegmentRegister.CS];
    core.code64 = (core.efer & Core.EFER_LMA) != 0 && (code & 1 << 13) != 0;
    core.codeSize = core.code64 ? 64 : (code & 1 << 14) != 0 ? 32 : 16;
    boolean bigStack = (core.accessRights[SegmentRegister.SS] & 1 << 14) != 0;
    core.stackMask = core.code64 ? -1 : bigStack ? 0xffffffffL : 0xffff;
    for (int i = 0; i < 8; i++) {
      boolean ignored = core.code64 && i < SegmentRegister.FS;
      core.effectiveBase[i] = ignored ? 0 : core.segmentBase[i];
    }
    core.checkedSegments = core.code64 ? 0 : checkedSegments(core, isProtected);
    core.tlb = core.tlbs[tlb(core)];
    core.codeContext = context(core, virtual8086);
    core.codeKey = (long) core.codeContext << 32 | core.codeEpoch & 0xffffffffL;
  }

  private static int tlb(Core core) {
    boolean ac = (core.flags.control & Flags.AC) != 0;
    if (core.cpl == 3) {
      return ac && (core.cr0 & Core.CR0_AM) != 0 ? Tlb.USER_CHECKED : Tlb.USER;
    }
    return (core.cr4 & Core.CR4_SMAP) != 0 && !ac ? Tlb.SUPERVISOR : Tlb.SUPERVISOR_ANY;
  }

  private static int checkedSegments(Core core, boolean isProtected) {
    int checked = 0;
    for (int i = 0; i < 6; i++) {
      boolean flat = core.segmentBase[i] == 0 && core.segmentLimit[i] == -1;
      if (!flat || isProtected && !plainData(core.accessRights[i])) {
        checked |= 1 << i;
      }
    }
    return checked;
  }

  /** Whether the segment is usable, writable, expand-up data. */
  private static boolean plainData(int rights) {
    return (rights & (UNUSABLE | 0x9e)) == 0x92;
  }

  private int context(Core core, boolean virtual8086) {
    long base = core.effectiveBase[SegmentRegister.CS];
    long limit = core.code64 ? 0 : core.segmentLimit[SegmentRegister.CS] & 0xffffffffL;
    boolean real = (core.cr0 & Core.CR0_PE) == 0 || virtual8086;
    long key =
        limit << 16
            | (core.codeSize & 0xff) << 4
            | (core.stackMask == 0xffff ? 8 : core.stackMask > 0 ? 4 : 0)
            | (core.cpl == 3 ? 2 : 0)
            | (real ? 1 : 0);
    for (int i = 0; i < used; i++) {
      if (keys[i] == key && bases[i] == base) {
        return numbers[i];
      }
    }
    if (used == CONTEXTS) {
      used = 0;
      Arrays.fill(numbers, 0);
    }
    keys[used] = key;
    bases[used] = base;
    numbers[used] = ++last;
    return numbers[used++];
  }
}
