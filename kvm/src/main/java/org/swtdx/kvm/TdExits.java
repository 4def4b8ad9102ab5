package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EIO;

import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * What follows TDH.VP.ENTER: finds out whether the return value describes a TD exit at all, and
 * handles it. Every 64-bit value has an outcome; none makes KVM believe in an event that was not.
 */
final class TdExits {
  private static final int EXTENDED_ACCEPT = 1;
  private static final int EXTENDED_PENDING_VIOLATION = 6;
  private static final long QUALIFICATION_PERMISSIONS = 7 << 3;
  private static final long QUALIFICATION_FETCH = 1 << 2;

  private static final int REASON_EXCEPTION = 0;
  private static final int REASON_EXTERNAL_INTERRUPT = 1;
  private static final int REASON_TRIPLE_FAULT = 2;
  private static final int REASON_OTHER_SMI = 6;
  private static final int REASON_EPT_VIOLATION = 48;
  private static final int REASON_EPT_MISCONFIGURATION = 49;
  private static final int REASON_TDCALL = 77;

  private static final int QUALIFICATION_WRITE = 2;
  private static final int SE_UNEXPECTED = KvmExit.INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;

  private final TdxVcpu vcpu;
  private final TdVmcalls calls;

  TdExits(TdxVcpu vcpu) {
    this.vcpu = vcpu;
    calls = new TdVmcalls(vcpu);
  }

  TdMsrs msrs() {
    return calls.msrs();
  }

  int completeUserSpace() {
    return calls.completeUserSpace();
  }

  /** Handles the last entry's return. */
  int handle() {
    long ret = vcpu.args().ret;
    return switch (EntryReturn.of(ret)) {
      case EntryReturn.Retry _ -> CONTINUE; // the TD's epoch or a Secure EPT entry is locked
      case EntryReturn.NotRun _ -> {
        vcpu.vm().bug("TDH.VP.ENTER failed before the module ran");
        yield unexpected(ret);
      }
      case EntryReturn.Refused _ -> unexpected(ret);
      case EntryReturn.FailedEntry(int reason) -> {
        vcpu.run
            .exitReason(KvmExit.FAIL_ENTRY)
            .hardwareExitReason(reason & 0xffff_ffffL)
            .failEntryCpu(vcpu.lp().index());
        yield TO_USER;
      }
      case EntryReturn.Lost lost -> {
        vcpu.vm().host().log().warn("kvm: TDH.VP.ENTER: " + lost.status());
        yield unexpected(ret);
      }
      case EntryReturn.Exit(int reason) -> dispatch(ret, reason);
    };
  }

  /** Whether the last entry ended with a TDVMCALL. */
  boolean byCall() {
    return EntryReturn.of(vcpu.args().ret) instanceof EntryReturn.Exit(int reason)
        && reason == REASON_TDCALL;
  }

  private int dispatch(long ret, int reason) {
    switch (reason) {
      case REASON_TDCALL -> {
        return calls.handle();
      }
      case REASON_EPT_VIOLATION -> {
        return eptViolation();
      }
      case REASON_EXTERNAL_INTERRUPT -> {
        return CONTINUE;
      }
      case REASON_OTHER_SMI -> {
        return CONTINUE;
      }
      case REASON_TRIPLE_FAULT -> {
        vcpu.run.exitReason(KvmExit.SHUTDOWN);
        return TO_USER;
      }
      case REASON_EXCEPTION -> {
        return exception();
      }
      case REASON_EPT_MISCONFIGURATION -> {
        vcpu.vm().bug("EPT misconfiguration in the shared EPT");
        return -EIO;
      }
      default -> {
        return unexpected(ret);
      }
    }
  }

  private int exception() {
    int info = (int) vcpu.args().regs.r9;
    boolean valid = (info & 1 << 31) != 0;
    if (valid && vcpu.debug().exception(info & 0xff, vcpu.args().regs)) {
      return TO_USER;
    }
    if (valid && (info >>> 8 & 7) == 2) {
      return CONTINUE; // an NMI for the host, which has nothing to do with it
    }
    vcpu.run.exitReason(KvmExit.EXCEPTION).exception(info & 0xff).exceptionErrorCode(0);
    return TO_USER;
  }

  private int unexpected(long ret) {
    vcpu.run.exitReason(KvmExit.INTERNAL_ERROR).internalSuberror(SE_UNEXPECTED);
    vcpu.run.internalNdata(2).internalData(0, ret).internalData(1, vcpu.lp().index());
    return TO_USER;
  }

  /** The page that the guest wants to accept is not larger than its TDG.MEM.PAGE.ACCEPT says. */
  private static SeptLevel largestPage(long extended) {
    boolean accepts = (extended & 0xf) == EXTENDED_ACCEPT;
    return accepts && (extended >>> 32 & 7) == 0 ? SeptLevel.SIZE_4K : SeptLevel.SIZE_2M;
  }

  private int eptViolation() {
    SeamRegisters regs = vcpu.args().regs;
    TdxVm vm = vcpu.vm();
    long gpa = regs.r8;
    if (vm.isPrivate(gpa)) {
      boolean pending = (regs.rdx & 0xf) == EXTENDED_PENDING_VIOLATION;
      if (pending && (regs.rcx & QUALIFICATION_PERMISSIONS) == 0) {
        vm.bug("Guest access before accepting 0x%x on vCPU %d".formatted(gpa & -4096, vcpu.id()));
        return -EIO;
      }
      return vcpu.faultPrivate(gpa, largestPage(regs.rdx));
    }
    if ((regs.rcx & QUALIFICATION_FETCH) != 0) {
      vm.bug("instruction fetch from shared memory, gpa 0x%x".formatted(gpa));
      return -EFAULT;
    }
    return vcpu.faultShared(gpa & ~vm.sharedBit(), (regs.rcx & QUALIFICATION_WRITE) != 0);
  }
}
