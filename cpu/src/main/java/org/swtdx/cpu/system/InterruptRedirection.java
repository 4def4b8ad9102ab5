package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.VirtualFlags;

/**
 * INT n of a virtual-8086 program with CR4.VME: those vectors whose bit in the bitmap below the I/O
 * permission map of the TSS is clear go through the program's own vector table, SDM Vol. 3A 22.3.3.
 */
final class InterruptRedirection {
  private static final int MAP_BASE = 0x66, BITMAP_BYTES = 32, SMALLEST_LIMIT = 0x67;

  private final GuestSystem system;
  private final Core core;
  private final Pushes stack;

  InterruptRedirection(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.stack = new Pushes(system);
  }

  /** Carries out an INT n if it is the program's own; else the monitor's rules apply. */
  boolean redirect(Insn insn) {
    int vector = (int) insn.immediate & 0xff;
    if ((core.cr4 & ControlRegisters.CR4_VME) == 0 || monitors(vector)) {
      return false;
    }
    long entry = system.mmu.loadAs(core, vector * 4L, 4, Delivery.privilege(3));
    long image =
        VirtualFlags.inVirtual8086(core) ? VirtualFlags.image(core) : core.getFlags() & 0xffff;
    stack.beginCurrent(2);
    stack.push(image);
    stack.push(core.selector[SegmentRegister.CS]);
    stack.push(insn.nextRip());
    long cleared = VirtualFlags.inVirtual8086(core) ? Flags.VIF : Flags.IF;
    stack.commit();
    core.setFlags(core.getFlags() & ~(cleared | Flags.TF | Flags.RF));
    system.descriptors.loadVirtual8086(SegmentRegister.CS, (int) (entry >>> 16) & 0xffff);
    core.rip = entry & 0xffff;
    return true;
  }

  /** Whether the bitmap leaves a vector to the monitor. */
  private boolean monitors(int vector) {
    long limit = core.segmentLimit[SegmentRegister.TR] & 0xffff_ffffL;
    if (limit < SMALLEST_LIMIT) {
      throw core.raise(Core.GP, 0);
    }
    long tss = core.segmentBase[SegmentRegister.TR];
    long at = system.descriptors.loadTable(tss + MAP_BASE, 2) - BITMAP_BYTES + (vector >>> 3);
    if (at < vector >>> 3 || at > limit) {
      throw core.raise(Core.GP, 0);
    }
    return (system.descriptors.loadTable(tss + at, 1) >>> (vector & 7) & 1) != 0;
  }
}
