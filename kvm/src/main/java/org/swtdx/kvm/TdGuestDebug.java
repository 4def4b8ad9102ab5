package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.kvm.uapi.KvmDebugExit;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmGuestDebug;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * KVM_SET_GUEST_DEBUG on a debuggable TD's vCPU, which Linux does not have ({@link
 * KvmExtension#DEBUG_TD}). The module neither injects exceptions for its host nor hides the
 * debugger's breakpoints from a guest that reads its debug registers.
 */
final class TdGuestDebug {
  private static final int SUPPORTED =
      KvmGuestDebug.ENABLE
          | KvmGuestDebug.SINGLESTEP
          | KvmGuestDebug.USE_SW_BP
          | KvmGuestDebug.USE_HW_BP;
  private static final int DB = 1;
  private static final int BP = 3;
  private static final int TRAPS = 1 << DB | 1 << BP;
  private static final long TRAP_FLAG = 1 << 8;
  private static final long DR6_ACTIVE_LOW = 0xffff_0ff0L;
  private static final long DR6_STEP = 1 << 14;
  private static final int UNION = 32;

  private final TdxVcpu vcpu;
  private final long[] guest = new long[8];
  private volatile int control;
  private boolean guestTrapFlag;

  TdGuestDebug(TdxVcpu vcpu) {
    this.vcpu = vcpu;
  }

  private boolean singleStep() {
    return (control & KvmGuestDebug.SINGLESTEP) != 0;
  }

  private boolean hardware() {
    return (control & KvmGuestDebug.USE_HW_BP) != 0;
  }

  /** The ioctl, the vCPU's mutex held. */
  int set(KvmGuestDebug request) {
    int wanted = (request.control() & KvmGuestDebug.ENABLE) != 0 ? request.control() : 0;
    return TdDebugState.on(
        vcpu,
        state -> (request.control() & ~SUPPORTED) != 0 ? -EINVAL : set(state, request, wanted));
  }

  private int set(TdCpuState state, KvmGuestDebug request, int wanted) {
    if (hardware()) {
      load(state, guest);
    }
    control = wanted;
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
      load(state, debugger);
    }
    boolean traps = singleStep() || hardware();
    boolean software = (control & KvmGuestDebug.USE_SW_BP) != 0;
    state.interceptExceptions((traps ? 1 << DB : 0) | (software ? 1 << BP : 0), TRAPS);
    return 0;
  }

  private static void load(TdCpuState state, long[] registers) {
    for (int i : new int[] {0, 1, 2, 3, 6, 7}) {
      state.setDr(i, registers[i]);
    }
  }

  /** A debug register as the guest had it before the debugger came. */
  long register(TdCpuState state, int number) {
    return hardware() ? guest[number] : state.dr(number);
  }

  /** Sets a debug register of the guest. */
  void register(TdCpuState state, int number, long value) {
    if (hardware()) {
      guest[number] = value;
    } else {
      state.setDr(number, value);
    }
  }

  /** Before an entry: the trap flag is the debugger's. */
  void enter() {
    if (singleStep()) {
      TdCpuState state = new TdCpuState(vcpu);
      long flags = state.rflags();
      guestTrapFlag = (flags & TRAP_FLAG) != 0;
      state.setRflags(flags | TRAP_FLAG);
    }
  }

  /** After an exit: it is the guest's again. */
  void left() {
    if (singleStep() && !guestTrapFlag) {
      TdCpuState state = new TdCpuState(vcpu);
      state.setRflags(state.rflags() & ~TRAP_FLAG);
    }
  }

  /** Whether an exception that left the TD is the debugger's: user space is told then. */
  boolean exception(int vector, SeamRegisters regs) {
    boolean software = (control & KvmGuestDebug.USE_SW_BP) != 0;
    boolean mine = vector == DB ? singleStep() || hardware() : vector == BP && software;
    if (mine) {
      leave(vector, vector == DB ? regs.rcx & 0xffff_ffffL | DR6_ACTIVE_LOW : 0);
    }
    return mine;
  }

  /** A TDVMCALL was answered in KVM: a single step ends behind it. */
  int called() {
    return singleStep() ? leave(DB, DR6_STEP | DR6_ACTIVE_LOW) : CONTINUE;
  }

  private int leave(int vector, long dr6) {
    TdCpuState state = new TdCpuState(vcpu);
    long rip = state.rip();
    long pc =
        state.in64BitMode() ? rip : state.segment(SegmentRegister.CS).base() + rip & 0xffff_ffffL;
    KvmDebugExit exit = new KvmDebugExit(vcpu.run.segment().asSlice(UNION, KvmDebugExit.SIZE));
    exit.exception(vector).pc(pc).dr6(dr6).dr7(state.dr(7));
    vcpu.run.exitReason(KvmExit.DEBUG);
    return TO_USER;
  }
}
