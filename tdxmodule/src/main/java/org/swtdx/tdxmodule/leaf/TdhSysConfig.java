package org.swtdx.tdxmodule.leaf;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.Tdmr;
import org.swtdx.tdxmodule.platform.TdmrInfo;
import org.swtdx.tdxmodule.platform.TdmrRules;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.CONFIG, leaf 45: the host tells which memory TDs may use, where its PAMT is, and which
 * KeyID the module keeps for itself.
 */
final class TdhSysConfig implements HostLeaf {
  private static final long ALIGNMENT = 512;
  private static final int MAX_TDMRS = 64;
  private static final long POINTER_SIZE = 8;

  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    SeamRegisters regs = call.regs();
    call.lock(platform.globalLock(), SeamCall.EXCLUSIVE, Status.SYS_BUSY);
    Refusal.unless(
        platform.state() == SystemState.SYSINIT_DONE && platform.allLpsInitialized(),
        Status.SYS_CONFIG_NOT_PENDING);
    call.checkSharedHpa(regs.rcx, ALIGNMENT, Operand.RCX);
    Refusal.operandInvalidIf(regs.rdx < 1 || regs.rdx > MAX_TDMRS, Operand.RDX);
    int keyId = (int) regs.r8 & 0xffff;
    Refusal.operandInvalidIf(regs.r8 >>> 16 != 0 || !platform.layout().isTdx(keyId), Operand.R8);

    List<Tdmr> tdmrs = tdmrs(call);

    platform.configure(tdmrs);
    platform.kot().set(keyId, Kot.State.RESERVED);
    platform.setGlobalKeyId(keyId);
    platform.setState(SystemState.SYSCONFIG_DONE);
    return Status.SUCCESS;
  }

  /** Reads and checks one after the other. */
  private static List<Tdmr> tdmrs(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    TdmrRules rules = new TdmrRules(platform.machine().memory().cmrs(), platform.layout());
    List<Tdmr> tdmrs = new ArrayList<>();
    for (int i = 0; i < call.regs().rdx; i++) {
      long pointer = platform.bus().load(call.regs().rcx + POINTER_SIZE * i, 8);
      call.checkSharedHpa(pointer, ALIGNMENT, Operand.RCX);
      tdmrs.add(rules.check(TdmrInfo.read(platform.bus(), pointer)));
    }
    return tdmrs;
  }
}
