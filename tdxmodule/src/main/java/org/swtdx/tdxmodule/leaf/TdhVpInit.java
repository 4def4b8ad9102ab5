package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;
import org.swtdx.tdxmodule.vp.VcpuState;

/**
 * TDH.VP.INIT, leaf 22: puts a vCPU into its initial state. Version 1 also gives it an x2APIC id,
 * for which it needs the whole TD.
 */
final class TdhVpInit implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    boolean withApicId = call.version() == 1;
    Tdvps vcpu = call.lockTdvps(regs.rcx, Operand.RCX, SeamCall.EXCLUSIVE);
    Tdr tdr = call.lockOwner(vcpu, withApicId);
    Tdcs tdcs = call.checkOpState(tdr);
    Refusal.unless(vcpu.pages().size() == Tdvps.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    Refusal.unless(vcpu.state() == VcpuState.UNINITIALIZED, Status.VCPU_STATE_INCORRECT);
    Refusal.unless(tdcs.vcpus().get() < tdcs.parameters().maxVcpus(), Status.MAX_VCPUS_EXCEEDED);
    Refusal.operandInvalidIf(withApicId && regs.r8 >>> 32 != 0, Operand.R8);
    Refusal.unless(
        !withApicId || unique(tdcs, (int) regs.r8),
        Status.with(Status.X2APIC_ID_NOT_UNIQUE, (int) regs.r8));
    call.platform().checkTscAdjust(call.lp());
    int index = takeIndex(tdcs);

    if (withApicId) {
      tdcs.x2apicIds[index] = (int) regs.r8;
    } else {
      tdcs.topologyEnumConfigured = false;
    }
    vcpu.initialize(call.platform(), index, withApicId ? (int) regs.r8 : index, regs.rdx);
    vcpu.associate(call.lp().index());
    return Status.SUCCESS;
  }

  private static boolean unique(Tdcs tdcs, int x2ApicId) {
    int count = tdcs.vcpus().get();
    for (int i = 0; i < count; i++) {
      if (tdcs.x2apicIds[i] == x2ApicId) {
        return false;
      }
    }
    return true;
  }

  private static int takeIndex(Tdcs tdcs) throws Refusal {
    int max = tdcs.parameters().maxVcpus();
    int index = tdcs.vcpus().getAndUpdate(count -> Math.min(count + 1, max));
    Refusal.unless(index < max, Status.MAX_VCPUS_EXCEEDED);
    return index;
  }
}
