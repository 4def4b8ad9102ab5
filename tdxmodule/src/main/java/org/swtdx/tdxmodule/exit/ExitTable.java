package org.swtdx.tdxmodule.exit;

import java.util.Arrays;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.VmExit;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.EptViolation;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Which handler answers which basic exit reason. One per module. */
final class ExitTable {
  private static final int REASONS = 128;
  private static final int MACHINE_CHECK = 18;
  private static final int NMI = 2;
  private static final int PCONFIG = 65;
  private static final int ENCLV = 70;
  private static final int ENQCMD = 72;
  private static final int ENQCMDS = 73;

  private final ExitHandler[] handlers = new ExitHandler[REASONS];

  /**
   * Builds the table.
   *
   * @param tdcall what executes TDCALL
   */
  ExitTable(ExitHandler tdcall) {
    Arrays.fill(handlers, (ExitHandler) ExitTable::unexpected);
    toHost();
    toGuest();
    set(ExitReason.EXCEPTION_OR_NMI, ExitTable::exceptionOrNmi);
    set(ExitReason.TRIPLE_FAULT, ExitTable::tripleFault);
    set(ExitReason.CPUID, new CpuidExit());
    set(ExitReason.RDPMC, ExitTable::generalProtection);
    set(ExitReason.CONTROL_REGISTER, new ControlRegisterExit(ExitTable::unexpected));
    set(ExitReason.RDMSR, new MsrExit(false));
    set(ExitReason.WRMSR, new MsrExit(true));
    set(ExitReason.EPT_VIOLATION, ExitTable::eptViolation);
    set(ExitReason.EPT_MISCONFIGURATION, ExitTable::eptMisconfiguration);
    set(ExitReason.XSETBV, new XsetbvExit());
    set(ExitReason.TDCALL, tdcall);
    handlers[ENQCMD] = ExitTable::generalProtection;
  }

  private void toHost() {
    for (ExitReason reason :
        new ExitReason[] {
          ExitReason.EXTERNAL_INTERRUPT, ExitReason.INIT, ExitReason.OTHER_SMI,
          ExitReason.TASK_SWITCH, ExitReason.BUS_LOCK, ExitReason.NOTIFY
        }) {
      set(reason, ExitTable::asynchronous);
    }
  }

  private void toGuest() {
    for (ExitReason reason :
        new ExitReason[] {
          ExitReason.HLT,
          ExitReason.INVD,
          ExitReason.VMCALL,
          ExitReason.IO,
          ExitReason.WBINVD,
          ExitReason.APIC_WRITE
        }) {
      set(reason, ExitTable::virtualizationException);
    }
    handlers[PCONFIG] = ExitTable::virtualizationException;
    for (ExitReason reason :
        new ExitReason[] {
          ExitReason.GETSEC, ExitReason.RSM, ExitReason.VMCLEAR, ExitReason.VMLAUNCH,
          ExitReason.VMPTRLD, ExitReason.VMPTRST, ExitReason.VMREAD, ExitReason.VMRESUME,
          ExitReason.VMWRITE, ExitReason.VMXOFF, ExitReason.VMXON, ExitReason.MWAIT,
          ExitReason.MONITOR, ExitReason.INVEPT, ExitReason.INVVPID, ExitReason.VMFUNC,
          ExitReason.ENCLS, ExitReason.SEAMCALL
        }) {
      set(reason, ExitTable::invalidOpcode);
    }
    handlers[ENCLV] = ExitTable::invalidOpcode;
    handlers[ENQCMDS] = ExitTable::invalidOpcode;
  }

  /** The handler of a basic exit reason. */
  ExitHandler handler(int reason) {
    return reason >= 0 && reason < REASONS ? handlers[reason] : ExitTable::unexpected;
  }

  private void set(ExitReason reason, ExitHandler handler) {
    handlers[reason.number()] = handler;
  }

  private static boolean asynchronous(GuestContext vcpu) {
    VmExit exit = vcpu.exit();
    vcpu.tdExit().asynchronous(exit.reason, exit.qualification, exit.interruptionInfo);
    return ExitHandler.LEAVE;
  }

  private static boolean virtualizationException(GuestContext vcpu) {
    vcpu.events().virtualizationOfInstruction(vcpu.exit().qualification);
    return ExitHandler.RESUME;
  }

  private static boolean invalidOpcode(GuestContext vcpu) {
    vcpu.events().invalidOpcode();
    return ExitHandler.RESUME;
  }

  private static boolean generalProtection(GuestContext vcpu) {
    vcpu.events().generalProtection();
    return ExitHandler.RESUME;
  }

  // What the controls rule out: the host may look at it in a debug TD, else the TD is beyond help.
  private static boolean unexpected(GuestContext vcpu) {
    return vcpu.td().debug() ? asynchronous(vcpu) : fatal(vcpu, Status.NON_RECOVERABLE_TD);
  }

  private static boolean fatal(GuestContext vcpu, long status) {
    VmExit exit = vcpu.exit();
    vcpu.tdcs().tdr().setFatal();
    vcpu.tdExit().failed(status, exit.reason, exit.qualification, exit.interruptionInfo);
    return ExitHandler.LEAVE;
  }

  private static boolean exceptionOrNmi(GuestContext vcpu) {
    int info = vcpu.exit().interruptionInfo;
    if ((info & 0xff) == MACHINE_CHECK) {
      return fatal(vcpu, Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE);
    }
    return (info >>> 8 & 7) == NMI ? asynchronous(vcpu) : unexpected(vcpu);
  }

  private static boolean tripleFault(GuestContext vcpu) {
    VmExit exit = vcpu.exit();
    vcpu.shutDown();
    vcpu.tdExit()
        .failed(
            Status.NON_RECOVERABLE_VCPU, exit.reason, exit.qualification, exit.interruptionInfo);
    return ExitHandler.LEAVE;
  }

  private static boolean eptViolation(GuestContext vcpu) {
    VmExit exit = vcpu.exit();
    return EptViolation.handle(
        vcpu, exit.guestPhysicalAddress, exit.guestLinearAddress, exit.qualification);
  }

  private static boolean eptMisconfiguration(GuestContext vcpu) {
    long gpa = vcpu.exit().guestPhysicalAddress;
    if ((gpa & vcpu.td().sharedBit()) == 0) {
      return fatal(vcpu, Status.NON_RECOVERABLE_TD);
    }
    vcpu.tdExit().eptMisconfiguration(gpa);
    return ExitHandler.LEAVE;
  }
}
