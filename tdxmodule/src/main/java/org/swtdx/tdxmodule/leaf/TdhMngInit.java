package org.swtdx.tdxmodule.leaf;

import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.Environment;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.OpState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.td.TscScaling;
import org.swtdx.tdxmodule.virt.TdParameters;

/** TDH.MNG.INIT, leaf 21: configures a TD from TD_PARAMS. */
final class TdhMngInit implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long tdrHpa = regs.rcx;
    regs.rcx = 0;
    TdxPlatform platform = call.platform();
    Refusal.unless(
        (platform.hostMsrs(call.lp()).miscEnable & HostMsrs.LIMIT_CPUID_MAXVAL) == 0,
        Status.LIMIT_CPUID_MAXVAL_SET);
    Tdr tdr = call.lockTdr(tdrHpa, Operand.RCX, SeamCall.EXCLUSIVE);
    Tdcs tdcs = call.checkOpStateUnlocked(tdr);
    call.checkSharedHpa(regs.rdx, TdParameters.SIZE, Operand.RDX);
    byte[] params = new byte[TdParameters.SIZE];
    platform.bus().read(regs.rdx, params, 0, params.length);
    TdParameters accepted;
    try {
      accepted =
          TdParameters.check(
              params, CpuidModel.nativeModel(), () -> platform.checkTscAdjust(call.lp()));
    } catch (TdParameters.CpuidRefusal refusal) {
      regs.rcx = refusal.leafAndSubleaf();
      return refusal.status();
    }

    Environment environment = platform.environment();
    tdcs.setParameters(accepted);
    tdcs.tdCtls = accepted.initialTdCtls();
    tdcs.setTsc(
        TscScaling.startingAt(
            environment.tsc(),
            accepted.tscFrequency() * TdParameters.TSC_UNIT,
            environment.tscHz()));
    tdcs.setSept(new SecureEpt(tdr.tdcxPages().get(Tdcs.SEPT_ROOT_PAGE), accepted.eptLevels()));
    tdcs.setOpState(OpState.INITIALIZED);
    return Status.SUCCESS;
  }
}
