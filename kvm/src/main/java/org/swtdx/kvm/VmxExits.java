package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmExit;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmRun;

/** The VM exits of an ordinary vCPU. */
final class VmxExits {
  private static final int GENERAL_PROTECTION = 13;
  private static final long HYPERCALL_ENOSYS = -1000;
  private static final long XCR0_ALLOWED = 0x6_02e7;

  private final VmxVcpu vcpu;
  private final Processor processor;
  private final CpuState state;
  private final KvmRun run;
  private final int[] cpuidResult = new int[4];
  private boolean ioReadPending;

  VmxExits(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
    state = processor.state();
    run = vcpu.run;
  }

  /** Finishes the port read that the last exit asked for. */
  int completeUserSpace() {
    if (ioReadPending) {
      ioReadPending = false;
      long rax = state.gpr(CpuState.RAX);
      long value =
          switch (run.ioSize()) {
            case 1 -> rax & ~0xffL | run.ioData8(0);
            case 2 -> rax & ~0xffffL | run.ioData16(0);
            default -> run.ioData32(0) & 0xffff_ffffL;
          };
      state.setGpr(CpuState.RAX, value);
    }
    return CONTINUE;
  }

  int handle() {
    VmExit exit = processor.exit();
    vcpu.vm().platform().events().count(PlatformEvents.Kind.EXIT, ExitNames.of(exit.reason));
    if (exit.reason == ExitReason.EXTERNAL_INTERRUPT.number()
        || exit.reason == ExitReason.INTERRUPT_WINDOW.number()
        || exit.reason == ExitReason.NMI_WINDOW.number()) {
      return CONTINUE;
    }
    if (exit.reason == ExitReason.IO.number()) {
      return io(exit);
    }
    if (exit.reason == ExitReason.EPT_VIOLATION.number()) {
      return eptViolation(exit);
    }
    if (exit.reason == ExitReason.TRIPLE_FAULT.number()) {
      run.exitReason(KvmExit.SHUTDOWN);
      return TO_USER;
    }
    return instruction(exit);
  }

  private int instruction(VmExit exit) {
    if (exit.reason == ExitReason.CPUID.number()) {
      return cpuid();
    }
    if (exit.reason == ExitReason.HLT.number()) {
      processor.skipInstruction();
      vcpu.mpState(KvmMpState.HALTED);
      return CONTINUE;
    }
    if (exit.reason == ExitReason.RDMSR.number()) {
      return readMsr();
    }
    if (exit.reason == ExitReason.WRMSR.number()) {
      return writeMsr();
    }
    if (exit.reason == ExitReason.XSETBV.number()) {
      return xsetbv();
    }
    if (exit.reason == ExitReason.VMCALL.number()) {
      state.setGpr(CpuState.RAX, HYPERCALL_ENOSYS);
      return skip();
    }
    if (exit.reason == ExitReason.WBINVD.number()
        || exit.reason == ExitReason.INVD.number()
        || exit.reason == ExitReason.MONITOR.number()
        || exit.reason == ExitReason.MWAIT.number()
        || exit.reason == ExitReason.PAUSE.number()) {
      return skip();
    }
    if (exit.reason == ExitReason.RDPMC.number()) {
      return protectionFault();
    }
    return unexpected(exit);
  }

  private int skip() {
    processor.skipInstruction();
    return CONTINUE;
  }

  private int protectionFault() {
    processor.inject(GENERAL_PROTECTION, Processor.HARDWARE_EXCEPTION, 0, 0);
    return CONTINUE;
  }

  private int unexpected(VmExit exit) {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_UNEXPECTED_EXIT_REASON)
        .internalNdata(2);
    run.internalData(0, exit.reason).internalData(1, vcpu.lp().index());
    return TO_USER;
  }

  /** An instruction that KVM would have to emulate and cannot. */
  private int emulationFailure() {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_EMULATION)
        .internalNdata(0);
    return TO_USER;
  }

  private int cpuid() {
    vcpu.cpuid().query((int) state.gpr(CpuState.RAX), (int) state.gpr(CpuState.RCX), cpuidResult);
    state.setGpr(CpuState.RAX, cpuidResult[0] & 0xffff_ffffL);
    state.setGpr(CpuState.RBX, cpuidResult[1] & 0xffff_ffffL);
    state.setGpr(CpuState.RCX, cpuidResult[2] & 0xffff_ffffL);
    state.setGpr(CpuState.RDX, cpuidResult[3] & 0xffff_ffffL);
    return skip();
  }

  private int readMsr() {
    if (!vcpu.msrs().read((int) state.gpr(CpuState.RCX), false)) {
      return protectionFault();
    }
    long value = vcpu.msrs().value();
    state.setGpr(CpuState.RAX, value & 0xffff_ffffL);
    state.setGpr(CpuState.RDX, value >>> 32);
    return skip();
  }

  private int writeMsr() {
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    return vcpu.msrs().write((int) state.gpr(CpuState.RCX), value, false)
        ? skip()
        : protectionFault();
  }

  private int xsetbv() {
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    boolean avxNeedsSse = (value & 4) != 0 && (value & 2) == 0;
    if ((int) state.gpr(CpuState.RCX) != 0
        || (value & 1) == 0
        || (value & ~XCR0_ALLOWED) != 0
        || avxNeedsSse) {
      return protectionFault();
    }
    state.setXcr0(value);
    return skip();
  }

  private int io(VmExit exit) {
    long qualification = exit.qualification;
    int size = (int) (qualification & 7) + 1;
    boolean read = (qualification & 8) != 0;
    if ((qualification & 0x10) != 0) {
      return emulationFailure();
    }
    if (read) {
      ioReadPending = true;
    } else {
      int value = (int) state.gpr(CpuState.RAX);
      switch (size) {
        case 1 -> run.ioData8(0, value);
        case 2 -> run.ioData16(0, value);
        default -> run.ioData32(0, value);
      }
    }
    processor.skipInstruction();
    run.exitReason(KvmExit.IO).ioDirection(read ? KvmRun.IO_IN : KvmRun.IO_OUT);
    run.ioSize(size).ioPort((int) (qualification >>> 16) & 0xffff).ioCount(1);
    run.ioDataOffset(KvmRun.IO_DATA_OFFSET);
    return TO_USER;
  }

  private int eptViolation(VmExit exit) {
    int result = vcpu.fault(exit.guestPhysicalAddress);
    return result == TO_USER ? emulationFailure() : result;
  }
}
