package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.exit.TdEntry;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.GuestContext;
import org.swtdx.tdxmodule.vp.Tdvps;
import org.swtdx.tdxmodule.vp.VcpuState;

/**
 * TDH.VP.ENTER, leaf 0: runs a vCPU until something concerns the host. The locks on the vCPU and
 * its TD are held all the while, so that leaves which need the TD to themselves find it busy.
 */
final class TdhVpEnter implements HostLeaf {
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
  private static final long HOST_RECOVERABILITY_HINT = 1L << 52;
  private static final long RESUME_L1 = 1L << 53;

  private final TdEntry entry;

  TdhVpEnter(TdxPlatform platform) {
    entry = new TdEntry(platform);
  }

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long rcx = regs.rcx;
    Refusal.operandInvalidIf(
        (rcx & ~(ADDRESS | HOST_RECOVERABILITY_HINT | RESUME_L1)) != 0, Operand.RCX);
    Tdvps vcpu = call.lockTdvps(rcx & ADDRESS, Operand.RCX, SeamCall.SHARED);
    Tdr tdr = call.lockOwner(vcpu, SeamCall.SHARED);
    Tdcs tdcs = call.checkOpState(tdr);
    VcpuState state = vcpu.state();
    Refusal.unless(
        state == VcpuState.READY || state == VcpuState.ACTIVE, Status.VCPU_STATE_INCORRECT);
    Refusal.unless(vcpu.associate(call.lp().index()), Status.VCPU_ASSOCIATED);
    Refusal.unless(state == VcpuState.READY, Status.VCPU_STATE_INCORRECT);
    GuestContext guest = vcpu.guest();
    Refusal.unless(call.platform().environment().tsc() >= guest.lastExitTsc, Status.TSC_ROLLBACK);
    enterEpoch(tdcs.epochs(), guest);
    vcpu.setState(VcpuState.ACTIVE);
    try {
      return run(call, guest, regs);
    } finally {
      vcpu.setState(guest.isShutDown() ? VcpuState.DISABLED : VcpuState.READY);
      tdcs.epochs().exit(guest.epoch);
    }
  }

  // From here on a TRACK waits for this vCPU's exit; what it may remember from before goes.
  private static void enterEpoch(EpochTracker epochs, GuestContext guest) throws Refusal {
    Refusal.unless(
        epochs.lock().tryHost(SeamCall.SHARED), Status.with(Status.OPERAND_BUSY, Operand.TD_EPOCH));
    long epoch = epochs.enter();
    epochs.lock().release(SeamCall.SHARED);
    if (epoch != guest.epoch) {
      guest.processor().flushTranslations();
      guest.epoch = epoch;
    }
  }

  private long run(SeamCall call, GuestContext guest, SeamRegisters regs) {
    guest.receiveRegisters(regs);
    entry.run(guest, call.lp());
    guest.lastExitTsc = call.platform().environment().tsc();
    return guest.tdExit().store(regs, guest.state(), guest.keepsRbp());
  }
}
