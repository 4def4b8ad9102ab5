package org.swtdx.cpu.system;

import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.TaskSwitch.Source;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;

/**
 * Task switches, SDM Vol. 3A 9.3. A guest's attempt is checked and exits; the switch itself is
 * carried out for the hypervisor. Up to the point where the new task's registers are loaded a fault
 * belongs to the old task and leaves it able to try again; afterwards it belongs to the new one.
 */
final class TaskSwitches {
  private static final long NESTED = Flags.NT;
  private static final long DR7_LOCAL_ENABLES = 0x155;
  private static final long DR6_TASK_SWITCH = 1 << 15;
  private static final int BUSY = 2, LINK_BYTES = 2;

  private final GuestSystem system;
  private final Core core;
  private final Descriptors descriptors;
  private final TaskState state;
  private final Pushes stack;

  /** Whether the registers of the new task are loaded and its descriptors are not yet. */
  private boolean loading;

  TaskSwitches(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.descriptors = system.descriptors;
    this.state = new TaskState(system);
    this.stack = new Pushes(system);
  }

  /** Ends the instruction or event in the VM exit for a task switch; does not return. */
  GuestFault exit(int selector, Source source, int ext) {
    check(selector, source, ext);
    throw system.exit(ExitReason.TASK_SWITCH, source.qualification(selector));
  }

  /** The checks of the TSS that the processor makes before the exit; returns its descriptor. */
  private long check(int selector, Source source, int ext) {
    boolean back = source == Source.IRET;
    int wrong = back ? Core.TS : Core.GP;
    int code = selector & 0xfffc | ext;
    if ((selector & 4) != 0) {
      throw core.raise(wrong, code);
    }
    long descriptor = descriptors.read(selector, wrong, ext);
    int type = Descriptors.type(descriptor);
    boolean tss = (type & ~(8 | BUSY)) == 1 && !Descriptors.isSegment(descriptor);
    if (!tss || back != ((type & BUSY) != 0)) {
      throw core.raise(wrong, code);
    }
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    return descriptor;
  }

  /**
   * Carries out a task switch. Faults become events that the next entry injects.
   *
   * @return COMPLETED, or EXITED for a VM exit after whose cause is gone the same call goes on
   */
  Emulation perform(TaskSwitch task) {
    core.faultVector = -1;
    try {
      if (!loading) {
        begin(task);
        loading = true;
      }
      finish(task);
      loading = false;
      if (state.debugTrap()) {
        core.dr[6] |= DR6_TASK_SWITCH;
        system.events.inject(Core.DB, Processor.HARDWARE_EXCEPTION, -1, 0);
      }
      return Emulation.COMPLETED;
    } catch (GuestFault fault) {
      if (core.faultVector == GuestSystem.EXIT) {
        return Emulation.EXITED;
      }
      loading = false;
      return system.events.injectFault(task) ? Emulation.COMPLETED : Emulation.EXITED;
    }
  }

  private void begin(TaskSwitch task) {
    int ext = task.external();
    int selector = task.selector();
    long descriptor = check(selector, task.source(), ext);
    long limit = Descriptors.limit(descriptor) & 0xffff_ffffL;
    boolean wide = (Descriptors.type(descriptor) & 8) != 0;
    if (limit < (wide ? TaskState.LIMIT_32 : TaskState.LIMIT_16)) {
      throw core.raise(Core.TS, selector & 0xfffc | ext);
    }
    boolean nested = task.source() == Source.CALL || task.source() == Source.GATE;
    state.probeOld();
    state.read(Descriptors.base(descriptor), wide);
    if (nested) {
      system.mmu.probeSystem(core, Descriptors.base(descriptor), LINK_BYTES);
    }
    int old = core.selector[SegmentRegister.TR];
    if (!nested) {
      descriptors.probeType(old);
    }
    descriptors.probeType(selector);

    // nothing can fault from here on; marking the new TSS comes last, so that all can be repeated
    state.saveOld(returnRip(task), savedFlags(task));
    if (nested) {
      descriptors.storeTable(Descriptors.base(descriptor), LINK_BYTES, old);
    } else {
      clearBusy(old);
    }
    if (task.source() != Source.IRET) {
      descriptors.setType(selector, descriptor, Descriptors.type(descriptor) | BUSY);
    }
    descriptors.install(SegmentRegister.TR, selector, descriptor | (long) BUSY << 40);
    core.cr0 |= Core.CR0_TS;
    system.debugging.set(7, core.dr[7] & ~DR7_LOCAL_ENABLES);
    system.activity = GuestSystem.ACTIVE;
    system.interruptibility = interruptibility(task);
    state.load(nested ? NESTED : 0);
  }

  private void clearBusy(int selector) {
    if (descriptors.exists(selector)) {
      long descriptor = descriptors.read(selector, Core.TS, 0);
      descriptors.setType(selector, descriptor, Descriptors.type(descriptor) & ~BUSY);
    }
  }

  private int interruptibility(TaskSwitch task) {
    boolean nmi = task.deliversEvent() && task.type() == Processor.NMI;
    boolean kept = task.source() != Source.IRET && (system.interruptibility & 8) != 0;
    return nmi || kept ? GuestSystem.BLOCKED_BY_NMI : 0;
  }

  /** Where the old task goes on: at the fault, or after the instruction. */
  private long returnRip(TaskSwitch task) {
    return core.rip + task.instructionLength() & 0xffff_ffffL;
  }

  private long savedFlags(TaskSwitch task) {
    long flags = core.getFlags();
    if (task.source() == Source.IRET) {
      return flags & ~NESTED;
    }
    boolean resumes = task.deliversEvent() && Events.setsResume(task.type(), task.vector());
    return resumes ? flags | Flags.RF : flags;
  }

  private void finish(TaskSwitch task) {
    int ext = task.external();
    state.loadRoot();
    state.loadSegments(ext);
    if (task.errorCode() != -1) {
      stack.beginCurrent(state.wide() ? 4 : 2);
      stack.push(task.errorCode());
      stack.commit();
    }
  }
}
