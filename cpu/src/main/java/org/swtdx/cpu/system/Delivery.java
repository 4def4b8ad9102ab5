package org.swtdx.cpu.system;

import org.swtdx.cpu.Processor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.mmu.PageWalker;
import org.swtdx.cpu.system.Events.Event;

/**
 * Event delivery through the real-mode vector table, the IDT of protected and virtual-8086 mode,
 * and the IDT of IA-32e mode; SDM Vol. 3A chapters 7 and 22.1.4. Faults leave every register as it
 * was.
 */
final class Delivery {
  private static final int TASK_GATE = 5, GATE_16 = 6, TRAP_16 = 7, GATE_32 = 14, TRAP_32 = 15;

  private final GuestSystem system;
  private final Core core;
  private final Descriptors descriptors;
  private final Pushes stack;

  Delivery(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.descriptors = system.descriptors;
    this.stack = new Pushes(system);
  }

  void deliver(Event event) {
    if ((core.cr0 & Core.CR0_PE) == 0) {
      deliverReal(event);
    } else if ((core.efer & Core.EFER_LMA) != 0) {
      deliverLong(event);
    } else {
      deliverProtected(event);
    }
    system.interruptibility &= ~(GuestSystem.BLOCKED_BY_STI | GuestSystem.BLOCKED_BY_MOV_SS);
    if (event.type == Processor.NMI) {
      system.interruptibility |= GuestSystem.BLOCKED_BY_NMI;
    }
    system.activity = GuestSystem.ACTIVE;
  }

  private void deliverReal(Event event) {
    int entry = event.vector * 4;
    if (entry + 3 > core.idtLimit) {
      throw core.raise(Core.GP, 0);
    }
    long target = descriptors.loadTable(core.idtBase + entry & 0xffff_ffffL, 4);
    stack.beginCurrent(2);
    stack.push(Events.savedFlags(core, event));
    stack.push(core.selector[SegmentRegister.CS]);
    stack.push(event.returnRip);
    stack.commit();
    core.setFlags(core.getFlags() & ~(Flags.IF | Flags.TF | Flags.AC | Flags.RF));
    descriptors.loadRealMode(SegmentRegister.CS, (int) (target >>> 16) & 0xffff);
    core.rip = target & 0xffff;
  }

  private static int external(Event event) {
    boolean byInstruction =
        event.type == Processor.SOFTWARE_INTERRUPT || event.type == Processor.SOFTWARE_EXCEPTION;
    return byInstruction ? 0 : 1;
  }

  private void checkGatePrivilege(Event event, int dpl, int code) {
    boolean checked =
        event.type == Processor.SOFTWARE_INTERRUPT || event.type == Processor.SOFTWARE_EXCEPTION;
    if (checked && dpl < core.cpl) {
      throw core.raise(Core.GP, code);
    }
  }

  private void deliverProtected(Event event) {
    int ext = external(event);
    int code = event.vector << 3 | 2 | ext;
    if (event.vector * 8 + 7 > core.idtLimit) {
      throw core.raise(Core.GP, code);
    }
    long gate = descriptors.loadTable(core.idtBase + event.vector * 8 & 0xffff_ffffL, 8);
    int type = (int) (gate >>> 40) & 0x1f;
    if (type != TASK_GATE
        && type != GATE_16
        && type != TRAP_16
        && type != GATE_32
        && type != TRAP_32) {
      throw core.raise(Core.GP, code);
    }
    checkGatePrivilege(event, (int) (gate >>> 45) & 3, code);
    if ((gate >>> 47 & 1) == 0) {
      throw core.raise(Core.NP, code);
    }
    int selector = (int) (gate >>> 16) & 0xffff;
    if (type == TASK_GATE) {
      throw system.tasks.exit(selector, TaskSwitch.Source.GATE, ext);
    }
    boolean wide = type >= GATE_32;
    long offset = gate & 0xffff | (wide ? gate >>> 32 & 0xffff_0000L : 0);
    enterProtected(event, selector, offset, wide ? 4 : 2, (type & 1) == 0, ext);
  }

  private void enterProtected(
      Event event, int selector, long offset, int size, boolean masks, int ext) {
    long descriptor = codeDescriptor(selector, ext);
    int dpl = Descriptors.dpl(descriptor);
    boolean conforming = Descriptors.conforming(descriptor);
    boolean v86 = (core.flags.control & Flags.VM) != 0;
    int level = conforming ? core.cpl : dpl;
    if (v86 && (conforming || dpl != 0)) {
      throw core.raise(Core.GP, selector & 0xfffc | ext);
    }
    long flags = Events.savedFlags(core, event);
    boolean inner = level < core.cpl;
    if (inner) {
      stack.beginInner(level, size, ext);
      if (v86) {
        stack.push(core.selector[SegmentRegister.GS]);
        stack.push(core.selector[SegmentRegister.FS]);
        stack.push(core.selector[SegmentRegister.DS]);
        stack.push(core.selector[SegmentRegister.ES]);
      }
      stack.push(core.selector[SegmentRegister.SS]);
      stack.push(core.gpr[4]);
    } else {
      stack.beginCurrent(size);
    }
    stack.push(flags);
    stack.push(core.selector[SegmentRegister.CS]);
    stack.push(event.returnRip);
    if (event.errorCode != -1) {
      stack.push(event.errorCode);
    }
    if (Integer.compareUnsigned((int) offset, Descriptors.limit(descriptor)) > 0) {
      throw core.raise(Core.GP, ext);
    }
    descriptors.markAccessed(selector, descriptor);
    if (v86) {
      for (int register :
          new int[] {
            SegmentRegister.ES, SegmentRegister.DS, SegmentRegister.FS, SegmentRegister.GS
          }) {
        descriptors.loadNull(register, 0);
      }
    }
    stack.commit();
    finish(selector, descriptor, level, offset, masks);
  }

  private void finish(int selector, long descriptor, int level, long offset, boolean masks) {
    long cleared = Flags.TF | Flags.VM | Flags.RF | Flags.NT | (masks ? Flags.IF : 0);
    core.flags.control &= ~cleared;
    core.cpl = level;
    descriptors.install(SegmentRegister.CS, selector & ~3 | level, descriptor);
    core.rip = offset;
    core.modeChanged();
  }

  private long codeDescriptor(int selector, int ext) {
    if ((selector & 0xfffc) == 0) {
      throw core.raise(Core.GP, ext);
    }
    long descriptor = descriptors.read(selector, Core.GP, ext);
    if (!Descriptors.isCode(descriptor) || Descriptors.dpl(descriptor) > core.cpl) {
      throw core.raise(Core.GP, selector & 0xfffc | ext);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, selector & 0xfffc | ext);
    }
    return descriptor;
  }

  private void deliverLong(Event event) {
    int ext = external(event);
    int code = event.vector << 3 | 2 | ext;
    if (event.vector * 16 + 15 > core.idtLimit) {
      throw core.raise(Core.GP, code);
    }
    long address = core.idtBase + event.vector * 16;
    long gate = descriptors.loadTable(address, 8);
    long high = descriptors.loadTable(address + 8, 8);
    int type = (int) (gate >>> 40) & 0x1f;
    if (type != GATE_32 && type != TRAP_32 || (high >>> 40 & 0x1f) != 0) {
      throw core.raise(Core.GP, code);
    }
    checkGatePrivilege(event, (int) (gate >>> 45) & 3, code);
    if ((gate >>> 47 & 1) == 0) {
      throw core.raise(Core.NP, code);
    }
    int selector = (int) (gate >>> 16) & 0xffff;
    long offset = gate & 0xffff | gate >>> 32 & 0xffff_0000L | high << 32;
    long descriptor = codeDescriptor(selector, ext);
    if (Descriptors.codeBits(descriptor) != 64) {
      throw core.raise(Core.GP, selector & 0xfffc | ext);
    }
    int level = Descriptors.conforming(descriptor) ? core.cpl : Descriptors.dpl(descriptor);
    int ist = (int) (gate >>> 32) & 7;
    stack.beginLong(level, ist, ext);
    stack.push(core.selector[SegmentRegister.SS]);
    stack.push(core.gpr[4]);
    stack.push(Events.savedFlags(core, event));
    stack.push(core.selector[SegmentRegister.CS]);
    stack.push(event.returnRip);
    if (event.errorCode != -1) {
      stack.push(event.errorCode);
    }
    if (!descriptors.canonical(offset)) {
      throw core.raise(Core.GP, ext);
    }
    descriptors.markAccessed(selector, descriptor);
    stack.commit();
    finish(selector, descriptor, level, offset, type == GATE_32);
  }

  /** Privilege of stack accesses at {@code level} without a stack switch. */
  static int privilege(int level) {
    return level == 3 ? PageWalker.USER : PageWalker.SUPERVISOR;
  }
}
