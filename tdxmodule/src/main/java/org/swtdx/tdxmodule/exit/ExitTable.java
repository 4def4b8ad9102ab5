package org.swtdx.tdxmodule.exit;

import java.util.Arrays;
import java.util.List;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.VmExit;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.TableText;
import org.swtdx.tdxmodule.vp.EptViolation;
import org.swtdx.tdxmodule.vp.GuestContext;

/**
 * Which handler answers which basic exit reason: the table {@code vm-exits.txt}. One per module.
 */
final class ExitTable {
  private static final int REASONS = 128;
  private static final int MACHINE_CHECK = 18;
  private static final int NMI = 2;
  private static final List<String> ROWS = TableText.rows(ExitTable.class, "vm-exits.txt");

  private final ExitHandler[] handlers = new ExitHandler[REASONS];

  /**
   * Builds the table.
   *
   * @param tdcall what executes TDCALL
   */
  ExitTable(ExitHandler tdcall) {
    Arrays.fill(handlers, (ExitHandler) ExitTable::unexpected);
    for (String row : ROWS) {
      String[] words = row.split(" ", 4);
      handlers[Integer.parseInt(words[0])] =
          switch (words[2]) {
            case "host" -> ExitTable::asynchronous;
            case "ve" -> ExitTable::virtualizationException;
            case "ud" -> ExitTable::invalidOpcode;
            case "gp" -> ExitTable::generalProtection;
            case "debug" -> ExitTable::unexpected;
            case "own" -> own(words[1], tdcall);
            default -> throw new IllegalStateException("in the table of VM exits: " + row);
          };
    }
  }

  private static ExitHandler own(String name, ExitHandler tdcall) {
    return switch (ExitReason.valueOf(name)) {
      case EXCEPTION_OR_NMI -> ExitTable::exceptionOrNmi;
      case TRIPLE_FAULT -> ExitTable::tripleFault;
      case CPUID -> new CpuidExit();
      case CONTROL_REGISTER -> new ControlRegisterExit(ExitTable::unexpected);
      case RDMSR -> new MsrExit(false);
      case WRMSR -> new MsrExit(true);
      case EPT_VIOLATION -> ExitTable::eptViolation;
      case EPT_MISCONFIGURATION -> ExitTable::eptMisconfiguration;
      case XSETBV -> new XsetbvExit();
      case TDCALL -> tdcall;
      default -> throw new IllegalStateException("the module has no handler for " + name);
    };
  }

  /** The handler of a basic exit reason. */
  ExitHandler handler(int reason) {
    return reason >= 0 && reason < REASONS ? handlers[reason] : ExitTable::unexpected;
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
