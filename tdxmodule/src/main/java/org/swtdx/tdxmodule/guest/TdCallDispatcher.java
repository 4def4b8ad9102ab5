package org.swtdx.tdxmodule.guest;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.seam.MachineCheckException;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Executes TDCALL: decodes RAX, runs the leaf, completes the instruction. One per module. */
public final class TdCallDispatcher {
  private static final int NUMBERS = 32;
  private static final long RESERVED_RAX = 0xffff_ffff_ff00_0000L;

  private final @Nullable Row[] rows = new Row[NUMBERS];
  private final PlatformEvents events;

  /**
   * A leaf as the dispatcher knows it.
   *
   * @param maxVersion highest version, RAX bits 23:16
   * @param leaf the function
   * @param counter its event counter
   */
  private record Row(int maxVersion, GuestLeaf leaf, LongAdder counter) {}

  /** Creates the guest leaves of a module. */
  public TdCallDispatcher(TdxPlatform platform) {
    events = platform.machine().events();
    add(0, "TDG.VP.VMCALL", 0, new TdgVpVmcall(events));
    add(1, "TDG.VP.INFO", 0, new TdgVpInfo());
    add(2, "TDG.MR.RTMR.EXTEND", 0, new TdgMrRtmrExtend(events));
    add(3, "TDG.VP.VEINFO.GET", 0, new TdgVpVeinfoGet());
    add(4, "TDG.MR.REPORT", 0, new TdgMrReport(platform));
    add(5, "TDG.VP.CPUIDVE.SET", 0, new TdgVpCpuidveSet());
    add(6, "TDG.MEM.PAGE.ACCEPT", 0, new TdgMemPageAccept(events));
    add(7, "TDG.VM.RD", 1, new TdgVmRd());
    add(8, "TDG.VM.WR", 0, new TdgVmWr());
    add(9, "TDG.VP.RD", 0, new TdgVpRd());
    add(10, "TDG.VP.WR", 0, new TdgVpWr());
    add(11, "TDG.SYS.RD", 0, new TdgSysRd());
    add(12, "TDG.SYS.RDALL", 0, new TdgSysRdall());
    add(22, "TDG.MR.VERIFYREPORT", 0, new TdgMrVerifyreport(platform));
    add(23, "TDG.MEM.PAGE.ATTR.RD", 0, new TdgMemPageAttrRd());
    add(24, "TDG.MEM.PAGE.ATTR.WR", 0, new TdgMemPageAttrWr());
    add(26, "TDG.VP.INVEPT", 0, new TdgVpInvept());
  }

  private void add(int number, String name, int maxVersion, GuestLeaf leaf) {
    rows[number] = new Row(maxVersion, leaf, events.counter(PlatformEvents.Kind.TDCALL, name));
  }

  /**
   * Executes the TDCALL that {@code vcpu} exited with.
   *
   * @return true to resume the guest, false to leave the TD
   */
  public boolean execute(GuestContext vcpu) {
    CpuState state = vcpu.state();
    if (!state.in64BitMode() || state.cpl() != 0) {
      vcpu.events().generalProtection();
      return true;
    }
    long outcome;
    try {
      outcome = run(vcpu, state.gpr(CpuState.RAX));
      vcpu.hostPrioritySince = 0;
    } catch (Refusal refusal) {
      outcome = refused(vcpu, refusal.status());
    } catch (MachineCheckException _) {
      vcpu.tdcs().tdr().setFatal();
      vcpu.tdExit()
          .failed(
              Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE, ExitReason.EXCEPTION_OR_NMI.number(), 0, 0);
      outcome = TdCall.LEAVE_AND_REPEAT;
    }
    return complete(vcpu, outcome);
  }

  private long run(GuestContext vcpu, long rax) throws Refusal {
    int number = (int) rax & 0xffff;
    int version = (int) rax >>> 16 & 0xff;
    Row row = number < NUMBERS ? rows[number] : null;
    if ((rax & RESERVED_RAX) != 0 || row == null || version > row.maxVersion) {
      throw new Refusal(Status.OPERAND_INVALID, Operand.RAX);
    }
    row.counter.increment();
    return row.leaf.execute(new TdCall(vcpu, version));
  }

  // A guest must not wait for ever for a lock that the host asked for and does not take.
  private static long refused(GuestContext vcpu, long status) {
    if (!Status.is(status, Status.OPERAND_BUSY_HOST_PRIORITY)) {
      vcpu.hostPrioritySince = 0;
      return status;
    }
    long now = vcpu.platform().environment().nanoTime();
    if (vcpu.hostPrioritySince == 0) {
      vcpu.hostPrioritySince = now;
    } else if (now - vcpu.hostPrioritySince > vcpu.tdcs().hpLockTimeoutMicros * 1000) {
      vcpu.hostPrioritySince = 0;
      vcpu.tdExit().failed(Status.HOST_PRIORITY_BUSY_TIMEOUT, ExitReason.TDCALL.number(), 0, 0);
      return TdCall.LEAVE_AND_REPEAT;
    }
    return Status.with(Status.OPERAND_BUSY, (int) status);
  }

  private static boolean complete(GuestContext vcpu, long outcome) {
    if (outcome == TdCall.RESUME_UNCHANGED) {
      return true;
    }
    if (outcome == TdCall.LEAVE_AND_REPEAT) {
      // The instruction starts again, so what its predecessor blocked is over.
      CpuState state = vcpu.state();
      state.setInterruptibility(state.interruptibility() & ~3);
      return false;
    }
    vcpu.processor().skipInstruction();
    if (outcome == TdCall.LEAVE) {
      return false;
    }
    vcpu.state().setGpr(CpuState.RAX, outcome);
    return true;
  }
}
