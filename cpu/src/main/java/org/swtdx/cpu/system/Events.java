package org.swtdx.cpu.system;

import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;

/**
 * Delivers events: interception, the rules of double and triple faults (SDM Vol. 3A 7.15), what an
 * exit during delivery reports, and the event that VM entry injects.
 */
public final class Events {
  private static final int CONTRIBUTORY =
      1 << Core.DE | 1 << Core.TS | 1 << Core.NP | 1 << Core.SS | 1 << Core.GP | 1 << 21;
  private static final int PAGE_FAULTS = 1 << Core.PF | 1 << Core.VE;

  private final GuestSystem system;
  private final Core core;
  private final Delivery delivery;
  private boolean delivering;

  // The event injected at the next entry, and the one raised by a software-interrupt instruction.
  private boolean injected;
  private final Event injection = new Event();
  private final Event software = new Event();
  private final Event current = new Event();
  private final Event original = new Event();

  /** One event in the terms of VM-entry interruption information. */
  static final class Event {
    int vector;
    int type;
    int errorCode = -1;
    int instructionLength;

    /** Return address of software events and traps. */
    long returnRip;

    void set(int newVector, int newType, int newErrorCode, int length, long rip) {
      vector = newVector;
      type = newType;
      errorCode = newErrorCode;
      instructionLength = length;
      returnRip = rip;
    }

    void copy(Event other) {
      set(other.vector, other.type, other.errorCode, other.instructionLength, other.returnRip);
    }

    boolean isSoftware() {
      return type >= Processor.SOFTWARE_INTERRUPT;
    }

    boolean isException() {
      return type == Processor.HARDWARE_EXCEPTION
          || type >= Processor.PRIVILEGED_SOFTWARE_EXCEPTION;
    }

    int information() {
      return 1 << 31 | (errorCode != -1 ? 1 << 11 : 0) | type << 8 | vector;
    }
  }

  Events(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.delivery = new Delivery(system);
  }

  /** Whether an event is being delivered through the IDT. */
  boolean delivering() {
    return delivering;
  }

  /** Sets what the next entry injects. */
  public void inject(int vector, int type, int errorCode, int instructionLength) {
    injection.set(vector & 0xff, type, errorCode, instructionLength, 0);
    injected = true;
  }

  /** Delivers the injected event, if any; true for a VM exit. */
  boolean deliverInjected() {
    if (!injected) {
      return false;
    }
    injected = false;
    if (system.activity == GuestSystem.HLT) {
      system.activity = GuestSystem.ACTIVE;
    }
    core.faultInsn = Insn.NOTHING;
    current.copy(injection);
    current.returnRip = current.isSoftware() ? core.rip + current.instructionLength : core.rip;
    return deliver(false);
  }

  /**
   * Makes the fault that the core left a task switch with the event of the next entry, combined
   * with the event that the switch was delivering; false for a triple fault, which is an exit.
   */
  boolean injectFault(TaskSwitch task) {
    if (core.faultVector == Core.PF) {
      core.cr2 = system.pageFaultAddress();
    }
    if (!task.deliversEvent()) {
      inject(core.faultVector, Processor.HARDWARE_EXCEPTION, core.faultErrorCode, 0);
      return true;
    }
    original.set(task.vector(), task.type(), task.errorCode(), 0, 0);
    if (!combine(original)) {
      system.exit.clear();
      system.exit.reason = ExitReason.TRIPLE_FAULT.number();
      return false;
    }
    inject(current.vector, current.type, current.errorCode, 0);
    return true;
  }

  void prepareSoftware(int vector, int type, Insn insn) {
    software.set(vector, type, -1, insn.length, insn.nextRip());
    if (type == Processor.PRIVILEGED_SOFTWARE_EXCEPTION) {
      system.debugging.mergePending();
    }
  }

  boolean deliverSoftware() {
    current.copy(software);
    return deliver(true);
  }

  boolean deliverFault(int vector, int errorCode) {
    current.set(vector, Processor.HARDWARE_EXCEPTION, errorCode, 0, core.rip);
    return deliver(true);
  }

  /** Delivers a single-step or data-breakpoint trap; {@link Debugging} knows its cause. */
  boolean deliverDebugTrap() {
    current.set(Core.DB, Processor.HARDWARE_EXCEPTION, -1, 0, core.rip);
    return deliver(true);
  }

  boolean deliverNmi() {
    core.faultInsn = Insn.NOTHING;
    current.set(2, Processor.NMI, -1, 0, core.rip);
    return deliver(false);
  }

  boolean deliverInterrupt(int vector) {
    core.faultInsn = Insn.NOTHING;
    current.set(vector, Processor.EXTERNAL_INTERRUPT, -1, 0, core.rip);
    return deliver(false);
  }

  /**
   * Delivers {@link #current}. Faults during delivery replace it until one is delivered.
   *
   * @return whether a VM exit resulted
   */
  private boolean deliver(boolean interceptable) {
    boolean intercept = interceptable;
    boolean nested = false;
    for (; ; ) {
      if (intercept && intercepted(current)) {
        if (nested && current.vector != Core.DF) {
          vectoring(original);
        }
        return true;
      }
      if (current.vector == Core.PF && current.type == Processor.HARDWARE_EXCEPTION && intercept) {
        core.cr2 = system.pageFaultAddress();
      }
      if (current.vector == Core.DB && current.type == Processor.HARDWARE_EXCEPTION) {
        system.debugging.recordCause();
      }
      delivering = true;
      try {
        delivery.deliver(current);
        delivering = false;
        core.noticeForeignCode();
        return false;
      } catch (GuestFault _) {
        delivering = false;
      }
      if (core.faultVector == GuestSystem.EXIT) {
        system.exit.instructionLength = current.instructionLength;
        vectoring(current);
        return true;
      }
      original.copy(current);
      if (!combine(original)) {
        system.activity = GuestSystem.ACTIVE;
        system.exit.reason = ExitReason.TRIPLE_FAULT.number();
        return true;
      }
      nested = true;
      intercept = true;
    }
  }

  /** Replaces the current event by what its delivery raised; false for a triple fault. */
  private boolean combine(Event first) {
    int second = core.faultVector;
    int errorCode = core.faultErrorCode;
    boolean hard = isHard(second);
    if (first.isException() && first.vector == Core.DF && hard) {
      return false;
    }
    boolean fromPage = first.isException() && isIn(PAGE_FAULTS, first.vector);
    boolean fromContributory =
        first.type == Processor.HARDWARE_EXCEPTION && isIn(CONTRIBUTORY, first.vector);
    if (fromPage && hard || fromContributory && isIn(CONTRIBUTORY, second)) {
      current.set(Core.DF, Processor.HARDWARE_EXCEPTION, 0, 0, core.rip);
    } else {
      current.set(second, Processor.HARDWARE_EXCEPTION, errorCode, 0, core.rip);
    }
    return true;
  }

  private static boolean isHard(int vector) {
    return isIn(CONTRIBUTORY | PAGE_FAULTS, vector);
  }

  private static boolean isIn(int set, int vector) {
    return vector >= 0 && vector < 32 && (set >>> vector & 1) != 0;
  }

  private boolean intercepted(Event event) {
    if (!event.isException() || (system.controls.exceptionBitmap >>> event.vector & 1) == 0) {
      return false;
    }
    system.exit.reason = ExitReason.EXCEPTION_OR_NMI.number();
    system.exit.interruptionInfo = event.information();
    system.exit.interruptionErrorCode = event.errorCode == -1 ? 0 : event.errorCode;
    system.exit.instructionLength = event.isSoftware() ? event.instructionLength : 0;
    if (event.vector == Core.PF) {
      system.exit.qualification = system.pageFaultAddress();
    } else if (event.vector == Core.DB) {
      system.exit.qualification = system.debugging.takeCause();
    }
    return true;
  }

  private void vectoring(Event event) {
    system.exit.idtVectoringInfo = event.information();
    system.exit.idtVectoringErrorCode = event.errorCode == -1 ? 0 : event.errorCode;
    if (event.isSoftware()) {
      system.exit.instructionLength = event.instructionLength;
    }
  }

  /** Whether the image of RFLAGS that {@code event} saves has RF set, SDM Vol. 3B 19.3.1.1. */
  static boolean setsResume(Event event) {
    return setsResume(event.type, event.vector);
  }

  static boolean setsResume(int type, int vector) {
    return type == Processor.HARDWARE_EXCEPTION
        && vector != Core.DB
        && vector != Core.DF
        && vector != Core.MC;
  }

  /** RFLAGS as {@code event} saves them. */
  static long savedFlags(Core core, Event event) {
    return core.getFlags() | (setsResume(event) ? Flags.RF : 0);
  }
}
