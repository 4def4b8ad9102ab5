package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;
import static org.swtdx.kvm.uapi.Errno.EBUSY;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmExit;
import org.swtdx.kvm.uapi.KvmDebugExit;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmGuestDebug;

/**
 * Debugging of an ordinary vCPU by user space: KVM_SET_GUEST_DEBUG. While the debugger's
 * breakpoints are in the processor, the guest's own debug registers are kept here.
 */
final class GuestDebug {
  /** What can be asked for. */
  static final int VALID =
      KvmGuestDebug.ENABLE
          | KvmGuestDebug.SINGLESTEP
          | KvmGuestDebug.USE_SW_BP
          | KvmGuestDebug.USE_HW_BP
          | KvmGuestDebug.INJECT_DB
          | KvmGuestDebug.INJECT_BP
          | KvmGuestDebug.BLOCKIRQ;

  private static final int DB = 1;
  private static final int BP = 3;
  private static final long TRAP_FLAG = 1 << 8;
  private static final long DR6_ACTIVE_LOW = 0xffff_0ff0L;
  private static final long DR6_STEP = 1 << 14;
  private static final long DR6_ACCESS = 1 << 13;
  private static final long DR7_DETECT = 1 << 13;
  private static final int UNION = 32;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private final CpuState state;
  private final int ownBitmap;
  private final long[] guest = new long[8];
  private int control;
  private boolean guestTrapFlag;

  GuestDebug(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
    state = processor.state();
    ownBitmap = processor.controls().exceptionBitmap;
  }

  boolean singleStep() {
    return (control & KvmGuestDebug.SINGLESTEP) != 0;
  }

  private boolean hardware() {
    return (control & KvmGuestDebug.USE_HW_BP) != 0;
  }

  int set(KvmGuestDebug request) {
    int wanted = request.control();
    if ((wanted & (KvmGuestDebug.INJECT_DB | KvmGuestDebug.INJECT_BP)) != 0) {
      if (vcpu.events().exceptionQueued()) {
        return -EBUSY;
      }
      if ((wanted & KvmGuestDebug.INJECT_DB) != 0) {
        vcpu.events().exception(DB, -1);
      } else {
        vcpu.events().queue(BP, Processor.SOFTWARE_EXCEPTION, -1, 1);
      }
    }
    if (hardware()) {
      load(guest);
    }
    control = (wanted & KvmGuestDebug.ENABLE) != 0 ? wanted : 0;
    if (hardware()) {
      for (int i = 0; i < 8; i++) {
        guest[i] = i == 4 || i == 5 ? 0 : state.dr(i);
      }
      long[] debugger = new long[8];
      for (int i = 0; i < 4; i++) {
        debugger[i] = request.debugreg(i);
      }
      debugger[6] = guest[6];
      debugger[7] = request.debugreg(7);
      load(debugger);
    }
    boolean traps = (control & (KvmGuestDebug.SINGLESTEP | KvmGuestDebug.USE_HW_BP)) != 0;
    boolean software = (control & KvmGuestDebug.USE_SW_BP) != 0;
    processor.controls().exceptionBitmap =
        ownBitmap | (traps ? 1 << DB : 0) | (software ? 1 << BP : 0);
    processor.controls().movDrExiting = hardware();
    processor.controls().interruptsBlocked = (control & KvmGuestDebug.BLOCKIRQ) != 0;
    return 0;
  }

  private void load(long[] registers) {
    for (int i = 0; i < 4; i++) {
      state.setDr(i, registers[i]);
    }
    state.setDr(6, registers[6]);
    state.setDr(7, registers[7]);
  }

  /** A debug register as the guest has it. */
  long register(int number) {
    return hardware() ? guest[number] : state.dr(number);
  }

  /** Sets a debug register of the guest. */
  void register(int number, long value) {
    if (hardware()) {
      guest[number] = value;
    } else {
      state.setDr(number, value);
    }
  }

  /** Before an entry: the trap flag is the debugger's. */
  void enter() {
    if (singleStep()) {
      guestTrapFlag = (state.rflags() & TRAP_FLAG) != 0;
      state.setRflags(state.rflags() | TRAP_FLAG);
    }
  }

  /** After an exit: it is the guest's again. */
  void left() {
    if (singleStep() && !guestTrapFlag) {
      state.setRflags(state.rflags() & ~TRAP_FLAG);
    }
  }

  /** Handles an exception that exited: whether it is the debugger's, who is told. */
  boolean exception(VmExit exit) {
    int vector = exit.interruptionInfo & 0xff;
    if (vector != DB && vector != BP) {
      return false;
    }
    boolean trap = vector == DB;
    leave(vector, trap ? exit.qualification & 0xffff_ffffL | DR6_ACTIVE_LOW : 0);
    return true;
  }

  /** The instruction that exited was completed: a single step ends here. */
  int stepped() {
    return singleStep() ? leave(DB, DR6_STEP | DR6_ACTIVE_LOW) : CONTINUE;
  }

  private int leave(int vector, long dr6) {
    KvmDebugExit exit = new KvmDebugExit(vcpu.run.segment().asSlice(UNION, KvmDebugExit.SIZE));
    exit.exception(vector).pc(state.linearRip()).dr6(dr6).dr7(state.dr(7));
    vcpu.run.exitReason(KvmExit.DEBUG);
    return TO_USER;
  }

  /** A MOV to or from a debug register while the debugger's are in the processor. */
  int moveDr(VmExit exit) {
    if ((state.dr(7) & DR7_DETECT) != 0) {
      return leave(DB, DR6_ACCESS | DR6_ACTIVE_LOW);
    }
    int number = (int) exit.qualification & 7;
    int slot = number == 4 || number == 5 ? number + 2 : number;
    int gpr = (int) exit.qualification >>> 8 & 15;
    if ((exit.qualification & 1 << 4) != 0) {
      state.setGpr(gpr, guest[slot]);
    } else if (slot >= 6 && state.gpr(gpr) >>> 32 != 0) {
      vcpu.events().exception(13, 0);
      return CONTINUE;
    } else {
      guest[slot] = state.gpr(gpr);
    }
    processor.skipInstruction();
    return stepped();
  }
}
