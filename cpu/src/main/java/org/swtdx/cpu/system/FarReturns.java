package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.core.VirtualFlags;

/** Far RET and IRET in every mode, SDM Vol. 2 RET and IRET. */
final class FarReturns {
  private final GuestSystem system;
  private final Core core;
  private final Descriptors descriptors;

  FarReturns(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.descriptors = system.descriptors;
  }

  /** A value {@code slot} units above the stack pointer. */
  private long peek(int slot, int unit, long skip) {
    long offset = core.gpr[4] + (long) slot * unit + skip & core.stackMask;
    return core.load(core.address(SegmentRegister.SS, offset, unit, false), unit);
  }

  private void release(long bytes) {
    long mask = core.stackMask;
    core.gpr[4] = core.gpr[4] & ~mask | core.gpr[4] + bytes & mask;
  }

  /** RETF, releasing {@code bytes} of parameters. */
  void ret(Insn insn, int bytes) {
    int unit = insn.size;
    long target = peek(0, unit, 0);
    int selector = (int) peek(1, unit, 0) & 0xffff;
    if (descriptors.realMode() || descriptors.virtual8086()) {
      checkRealTarget(target);
      release(2L * unit + bytes);
      loadReal(selector);
      core.rip = target;
      return;
    }
    long descriptor = returnSegment(selector);
    if ((selector & 3) == core.cpl) {
      system.farTransfers.checkTarget(descriptor, target);
      descriptors.markAccessed(selector, descriptor);
      release(2L * unit + bytes);
      descriptors.install(SegmentRegister.CS, selector, descriptor);
    } else {
      long pointer = peek(2, unit, bytes);
      int stackSelector = (int) peek(3, unit, bytes) & 0xffff;
      toOuter(selector, descriptor, target, pointer + bytes, stackSelector, unit);
    }
    core.rip = target;
  }

  private void checkRealTarget(long target) {
    if (target > (core.segmentLimit[SegmentRegister.CS] & 0xffff_ffffL)) {
      throw core.raise(Core.GP, 0);
    }
  }

  private void loadReal(int selector) {
    if (descriptors.realMode()) {
      descriptors.loadRealMode(SegmentRegister.CS, selector);
    } else {
      descriptors.loadVirtual8086(SegmentRegister.CS, selector);
    }
  }

  /** The code segment to return to: its RPL is the level returned to. */
  private long returnSegment(int selector) {
    int code = selector & 0xfffc;
    if (code == 0) {
      throw core.raise(Core.GP, 0);
    }
    long descriptor = descriptors.read(selector, Core.GP, 0);
    int rpl = selector & 3;
    int dpl = Descriptors.dpl(descriptor);
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    boolean fits = Descriptors.conforming(descriptor) ? dpl <= rpl : dpl == rpl;
    if (!Descriptors.isCode(descriptor)
        || rpl < core.cpl
        || !fits
        || longMode && Descriptors.codeBits(descriptor) == -1) {
      throw core.raise(Core.GP, code);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    return descriptor;
  }

  private void toOuter(
      int selector, long descriptor, long target, long pointer, int stackSelector, int unit) {
    int level = selector & 3;
    long stack = outerStack(stackSelector, level, Descriptors.codeBits(descriptor) == 64);
    system.farTransfers.checkTarget(descriptor, target);
    descriptors.markAccessed(selector, descriptor);
    boolean nullStack = (stackSelector & 0xfffc) == 0;
    if (!nullStack) {
      descriptors.markAccessed(stackSelector, stack);
    }
    boolean outer = level != core.cpl;
    core.cpl = level;
    descriptors.install(SegmentRegister.CS, selector, descriptor);
    if (nullStack) {
      descriptors.loadNull(SegmentRegister.SS, level);
    } else {
      descriptors.install(SegmentRegister.SS, stackSelector, stack);
    }
    long mask =
        core.code64 ? -1 : (Descriptors.rights(stack) & 1 << 14) != 0 ? 0xffff_ffffL : 0xffff;
    core.gpr[4] =
        unit == 8 || mask != 0xffff ? pointer & mask : core.gpr[4] & ~mask | pointer & mask;
    if (outer) {
      descriptors.dropInaccessible();
    }
  }

  /** The stack segment that a return pops. */
  private long outerStack(int selector, int level, boolean to64) {
    int code = selector & 0xfffc;
    if (code == 0) {
      boolean longMode = (core.efer & Core.EFER_LMA) != 0;
      if (!longMode || !to64 || level == 3 || (selector & 3) != level) {
        throw core.raise(Core.GP, 0);
      }
      return 0;
    }
    long descriptor = descriptors.read(selector, Core.GP, 0);
    if ((selector & 3) != level
        || !Descriptors.writableData(descriptor)
        || Descriptors.dpl(descriptor) != level) {
      throw core.raise(Core.GP, code);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.SS, code);
    }
    return descriptor;
  }

  // IRET.

  /** IRET ends NMI blocking even when it faults, but not when it exits instead. */
  void iret(Insn insn) {
    try {
      iretInMode(insn);
    } catch (GuestFault fault) {
      if (core.faultVector != GuestSystem.EXIT) {
        system.interruptibility &= ~GuestSystem.BLOCKED_BY_NMI;
      }
      throw fault;
    }
    system.interruptibility &= ~GuestSystem.BLOCKED_BY_NMI;
    core.noticeForeignCode();
    core.requestAttention();
  }

  private void iretInMode(Insn insn) {
    if (descriptors.realMode()) {
      iretReal(insn.size, Flags.IOPL);
    } else if (descriptors.virtual8086()) {
      iretVirtual8086(insn.size);
    } else {
      iretProtected(insn);
    }
  }

  private void iretVirtual8086(int unit) {
    boolean virtual = VirtualFlags.inVirtual8086(core);
    if ((core.flags.control & Flags.IOPL) != Flags.IOPL && !(virtual && unit == 2)) {
      throw core.raise(Core.GP, 0);
    }
    if (!virtual) {
      iretReal(unit, 0);
      return;
    }
    long target = peek(0, unit, 0);
    int selector = (int) peek(1, unit, 0) & 0xffff;
    long image = peek(2, unit, 0);
    checkRealTarget(target);
    VirtualFlags.check(core, image);
    release(3L * unit);
    loadReal(selector);
    VirtualFlags.load(core, image);
    core.rip = target;
  }

  private void iretReal(int unit, long alsoWritable) {
    long target = peek(0, unit, 0);
    int selector = (int) peek(1, unit, 0) & 0xffff;
    long image = peek(2, unit, 0);
    checkRealTarget(target);
    release(3L * unit);
    loadReal(selector);
    long writable = Flags.STATUS | Flags.TF | Flags.IF | Flags.DF | Flags.NT | alsoWritable;
    if (unit > 2) {
      writable |= Flags.RF | Flags.AC | Flags.ID;
    }
    core.setFlags(core.getFlags() & ~writable | image & writable);
    core.rip = target;
  }

  private void iretProtected(Insn insn) {
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    if ((core.flags.control & Flags.NT) != 0) {
      if (longMode) {
        throw core.raise(Core.GP, 0);
      }
      long link = descriptors.loadTable(core.segmentBase[SegmentRegister.TR], 2);
      throw system.tasks.exit((int) link, TaskSwitch.Source.IRET, 0);
    }
    int unit = insn.size;
    long target = peek(0, unit, 0);
    int selector = (int) peek(1, unit, 0) & 0xffff;
    long image = peek(2, unit, 0);
    if (!longMode && unit == 4 && (image & Flags.VM) != 0 && core.cpl == 0) {
      toVirtual8086(target, selector, image);
      return;
    }
    long descriptor = returnSegment(selector);
    int oldLevel = core.cpl;
    if (core.code64 || (selector & 3) != core.cpl) {
      long pointer = peek(3, unit, 0);
      int stackSelector = (int) peek(4, unit, 0) & 0xffff;
      toOuter(selector, descriptor, target, pointer, stackSelector, unit);
    } else {
      system.farTransfers.checkTarget(descriptor, target);
      descriptors.markAccessed(selector, descriptor);
      release(3L * unit);
      descriptors.install(SegmentRegister.CS, selector, descriptor);
    }
    system.farTransfers.loadFlags(image, unit, oldLevel);
    core.rip = target;
  }

  private void toVirtual8086(long target, int selector, long image) {
    if (target > 0xffff) {
      throw core.raise(Core.GP, 0);
    }
    int[] order = {
      SegmentRegister.SS,
      SegmentRegister.ES,
      SegmentRegister.DS,
      SegmentRegister.FS,
      SegmentRegister.GS
    };
    int[] selectors = new int[order.length];
    long pointer = peek(3, 4, 0);
    for (int i = 0; i < order.length; i++) {
      selectors[i] = (int) peek(4 + i, 4, 0) & 0xffff;
    }
    core.cpl = 3;
    core.setFlags(image);
    descriptors.loadVirtual8086(SegmentRegister.CS, selector);
    for (int i = 0; i < order.length; i++) {
      descriptors.loadVirtual8086(order[i], selectors[i]);
    }
    core.gpr[4] = pointer & 0xffff_ffffL;
    core.rip = target;
  }
}
