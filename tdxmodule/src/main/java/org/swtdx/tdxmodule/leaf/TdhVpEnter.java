package org.swtdx.tdxmodule.leaf;

import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.exit.TdEntry;
import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.EpochTracker;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.ExtendedQualification;
import org.swtdx.tdxmodule.vp.GuestContext;
import org.swtdx.tdxmodule.vp.LastExit;
import org.swtdx.tdxmodule.vp.Tdvps;
import org.swtdx.tdxmodule.vp.VcpuState;
import org.swtdx.tdxmodule.vp.ZeroStepDefence;

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
    TdxPlatform platform = call.platform();
    HostMsrs msrs = platform.hostMsrs(call.lp());
    long rcx = regs.rcx;
    Refusal.unless(
        (msrs.miscEnable & HostMsrs.LIMIT_CPUID_MAXVAL) == 0, Status.LIMIT_CPUID_MAXVAL_SET);
    Refusal.operandInvalidIf(
        (rcx & ~(ADDRESS | HOST_RECOVERABILITY_HINT | RESUME_L1)) != 0, Operand.RCX);
    Tdvps vcpu = call.lockTdvps(rcx & ADDRESS, Operand.RCX, SeamCall.SHARED);
    Tdr tdr = call.lockOwner(vcpu, SeamCall.SHARED);
    Tdcs tdcs = call.checkOpState(tdr);
    Refusal.unless(vcpu.pages().size() == Tdvps.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    Refusal.unless(vcpu.state() == VcpuState.READY, Status.VCPU_STATE_INCORRECT);
    Refusal.unless(vcpu.associate(call.lp().index()), Status.VCPU_ASSOCIATED);
    GuestContext guest = vcpu.guest();
    Refusal.operandInvalidIf(
        (rcx & HOST_RECOVERABILITY_HINT) != 0 && guest.lastExit != LastExit.ASYNC_TRAP,
        Operand.RCX);
    Refusal.operandInvalidIf((rcx & RESUME_L1) != 0, Operand.RCX); // the last exit was from L1
    platform.checkTscAdjust(call.lp());
    Refusal.unless(platform.environment().tsc() - guest.lastExitTsc >= 0, Status.TSC_ROLLBACK);
    Refusal.unless(
        !guest.hasMonitor() || (msrs.miscEnable & HostMsrs.ENABLE_MONITOR_FSM) != 0,
        Status.with(Status.INCORRECT_MSR_VALUE, HostMsrs.MISC_ENABLE));
    guest.attach(platform, call.lp());
    enterEpoch(call, tdcs.epochs(), guest);
    try {
      if (isZeroStepped(call, tdcs, guest)) {
        return guest.tdExit().store(regs, guest.state(), guest.keepsRbp());
      }
      call.releaseLast(); // the operation state may change while the vCPU runs
      return run(call, vcpu, guest, (rcx & HOST_RECOVERABILITY_HINT) != 0);
    } finally {
      tdcs.epochs().exit(guest.epoch);
    }
  }

  // From here on a TRACK waits for this vCPU's exit; what it may remember from before goes.
  private static void enterEpoch(SeamCall call, EpochTracker epochs, GuestContext guest)
      throws Refusal {
    call.lock(epochs.lock(), SeamCall.SHARED, Status.with(Status.OPERAND_BUSY, Operand.TD_EPOCH));
    long epoch = epochs.enter();
    call.releaseLast();
    if (epoch != guest.epoch) {
      guest.processor().flushTranslations();
      guest.epoch = epoch;
    }
  }

  /**
   * Whether the host may be zero-stepping the vCPU, which must not run then: an EPT violation is
   * made up. A vCPU that may run again is told, if its TD wants that.
   */
  private static boolean isZeroStepped(SeamCall call, Tdcs tdcs, GuestContext guest)
      throws Refusal {
    ZeroStepDefence defence = guest.zeroStepDefence();
    defence.enter(guest.state().rip());
    if (!defence.suspected()) {
      return false;
    }
    call.lock(
        tdcs.sept().treeLock(),
        SeamCall.EXCLUSIVE,
        Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE));
    long missing = defence.missing();
    call.releaseLast();
    if (missing >= 0) {
      guest.lastExit = LastExit.ASYNC_FAULT;
      guest.tdExit().eptViolation(missing, GuestPhysicalMap.WRITE, ExtendedQualification.NONE);
      return true;
    }
    if ((tdcs.notifyEnables & Tdcs.NOTIFY_EPT_FAULTS) != 0) {
      guest.notifyOfZeroStep();
    }
    return false;
  }

  private long run(SeamCall call, Tdvps vcpu, GuestContext guest, boolean recoverable) {
    vcpu.setState(VcpuState.ACTIVE);
    try {
      guest.receiveRegisters(call.regs(), recoverable);
      entry.run(guest, call.lp());
      guest.lastExitTsc = call.platform().environment().tsc();
      return guest.tdExit().store(call.regs(), guest.state(), guest.keepsRbp());
    } finally {
      vcpu.setState(guest.isShutDown() ? VcpuState.DISABLED : VcpuState.READY);
    }
  }
}
