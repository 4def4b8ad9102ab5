package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/**
 * Far JMP and CALL, through call gates as well; SDM Vol. 2 CALL and JMP, Vol. 3A 6.8. A task switch
 * is a VM exit, as always in a guest. Registers change only after every check.
 */
final class FarTransfers {
  private static final int CALL_GATE_16 = 4, TASK_GATE = 5, CALL_GATE_32 = 12;

  private final GuestSystem system;
  private final Core core;
  private final Descriptors descriptors;
  private final Pushes stack;

  FarTransfers(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.descriptors = system.descriptors;
    this.stack = new Pushes(system);
  }

  void jump(Insn insn, int selector, long offset) {
    if (realAddressing()) {
      enterReal(selector, offset, insn.size);
      return;
    }
    transfer(insn, selector, offset, false);
  }

  void call(Insn insn, int selector, long offset) {
    if (realAddressing()) {
      stack.beginCurrent(insn.size);
      stack.push(core.selector[SegmentRegister.CS]);
      stack.push(insn.nextRip());
      checkRealTarget(offset);
      stack.commit();
      enterReal(selector, offset, insn.size);
      return;
    }
    transfer(insn, selector, offset, true);
  }

  private boolean realAddressing() {
    return descriptors.realMode() || descriptors.virtual8086();
  }

  private void checkRealTarget(long offset) {
    if (offset > (core.segmentLimit[SegmentRegister.CS] & 0xffff_ffffL)) {
      throw core.raise(Core.GP, 0);
    }
  }

  private void enterReal(int selector, long offset, int size) {
    long target = size == 2 ? offset & 0xffff : offset & 0xffff_ffffL;
    checkRealTarget(target);
    if (descriptors.realMode()) {
      descriptors.loadRealMode(SegmentRegister.CS, selector);
    } else {
      descriptors.loadVirtual8086(SegmentRegister.CS, selector);
    }
    core.rip = target;
  }

  private void transfer(Insn insn, int selector, long offset, boolean call) {
    if ((selector & 0xfffc) == 0) {
      throw core.raise(Core.GP, 0);
    }
    long descriptor = descriptors.read(selector, Core.GP, 0);
    if (Descriptors.isSegment(descriptor)) {
      direct(insn, selector, descriptor, offset, call);
      return;
    }
    int type = Descriptors.type(descriptor);
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    boolean gate = type == CALL_GATE_32 || !longMode && type == CALL_GATE_16;
    boolean task = !longMode && (type == TASK_GATE || type == 1 || type == 9);
    if (!gate && !task) {
      throw core.raise(Core.GP, selector & 0xfffc);
    }
    if (Descriptors.dpl(descriptor) < Math.max(core.cpl, selector & 3)) {
      throw core.raise(Core.GP, selector & 0xfffc);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, selector & 0xfffc);
    }
    if (task) {
      int tss = type == TASK_GATE ? (int) (descriptor >>> 16) & 0xffff : selector;
      throw system.tasks.exit(tss, call ? TaskSwitch.Source.CALL : TaskSwitch.Source.JUMP, 0);
    }
    throughGate(insn, selector, descriptor, longMode, call);
  }

  private void direct(Insn insn, int selector, long descriptor, long offset, boolean call) {
    checkCode(selector, descriptor, true);
    if (!Descriptors.conforming(descriptor) && (selector & 3) > core.cpl) {
      throw core.raise(Core.GP, selector & 0xfffc);
    }
    long target = insn.size == 2 ? offset & 0xffff : offset;
    if (call) {
      stack.beginCurrent(insn.size);
      stack.push(core.selector[SegmentRegister.CS]);
      stack.push(insn.nextRip());
    }
    checkTarget(descriptor, target);
    descriptors.markAccessed(selector, descriptor);
    if (call) {
      stack.commit();
    }
    descriptors.install(SegmentRegister.CS, selector & ~3 | core.cpl, descriptor);
    core.rip = target;
  }

  /** A code segment to which control may go at the current (or an inner) level. */
  private void checkCode(int selector, long descriptor, boolean sameLevel) {
    int code = selector & 0xfffc;
    int dpl = Descriptors.dpl(descriptor);
    boolean levelFits =
        Descriptors.conforming(descriptor) || !sameLevel ? dpl <= core.cpl : dpl == core.cpl;
    boolean longMode = (core.efer & Core.EFER_LMA) != 0;
    boolean badBits = longMode && Descriptors.codeBits(descriptor) == -1;
    if (!Descriptors.isCode(descriptor) || !levelFits || badBits) {
      throw core.raise(Core.GP, code);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
  }

  /** The target offset is inside the segment, or canonical for a 64-bit one; #GP(0). */
  void checkTarget(long descriptor, long target) {
    boolean wide = (core.efer & Core.EFER_LMA) != 0 && Descriptors.codeBits(descriptor) == 64;
    boolean inside =
        wide
            ? descriptors.canonical(target)
            : target >>> 32 == 0
                && Integer.compareUnsigned((int) target, Descriptors.limit(descriptor)) <= 0;
    if (!inside) {
      throw core.raise(Core.GP, 0);
    }
  }

  private void throughGate(Insn insn, int gateSelector, long gate, boolean longMode, boolean call) {
    long offset = gate & 0xffff;
    if (Descriptors.type(gate) == CALL_GATE_32) {
      offset |= gate >>> 32 & 0xffff_0000L;
    }
    if (longMode) {
      long high = descriptors.readHigh(gateSelector, Core.GP);
      if ((high >>> 40 & 0x1f) != 0) {
        throw core.raise(Core.GP, gateSelector & 0xfffc);
      }
      offset |= high << 32;
    }
    int selector = (int) (gate >>> 16) & 0xffff;
    if ((selector & 0xfffc) == 0) {
      throw core.raise(Core.GP, 0);
    }
    long descriptor = descriptors.read(selector, Core.GP, 0);
    checkCode(selector, descriptor, !call);
    if (longMode && Descriptors.codeBits(descriptor) != 64) {
      throw core.raise(Core.GP, selector & 0xfffc);
    }
    int dpl = Descriptors.dpl(descriptor);
    boolean inner = call && !Descriptors.conforming(descriptor) && dpl < core.cpl;
    int unit = longMode ? 8 : Descriptors.type(gate) == CALL_GATE_32 ? 4 : 2;
    if (inner) {
      pushOuterStack(gate, dpl, unit, longMode);
    } else if (call) {
      stack.beginCurrent(unit);
    }
    if (call) {
      stack.push(core.selector[SegmentRegister.CS]);
      stack.push(insn.nextRip());
    }
    checkTarget(descriptor, offset);
    descriptors.markAccessed(selector, descriptor);
    int level = inner ? dpl : core.cpl;
    if (call) {
      stack.commit();
    }
    core.cpl = level;
    descriptors.install(SegmentRegister.CS, selector & ~3 | level, descriptor);
    core.rip = offset;
  }

  private void pushOuterStack(long gate, int level, int unit, boolean longMode) {
    if (longMode) {
      stack.beginLongCall(level);
    } else {
      stack.beginInner(level, unit, 0);
    }
    stack.push(core.selector[SegmentRegister.SS]);
    stack.push(core.gpr[4]);
    int parameters = longMode ? 0 : (int) (gate >>> 32) & 31;
    for (int i = parameters - 1; i >= 0; i--) {
      long offset = core.gpr[4] + (long) i * unit & core.stackMask;
      stack.push(core.load(core.address(SegmentRegister.SS, offset, unit, false), unit));
    }
  }

  /** IRET and far RET flags: those that the old privilege level may change. */
  void loadFlags(long image, int size, int oldLevel) {
    long writable = Flags.STATUS | Flags.TF | Flags.DF | Flags.NT;
    long iopl = core.flags.control >>> 12 & 3;
    if (size > 2) {
      writable |= Flags.RF | Flags.AC | Flags.ID;
    }
    if (oldLevel <= iopl) {
      writable |= Flags.IF;
    }
    if (oldLevel == 0) {
      writable |= Flags.IOPL | (size > 2 ? Flags.VIF | Flags.VIP : 0);
    }
    core.setFlags(core.getFlags() & ~writable | image & writable);
  }
}
