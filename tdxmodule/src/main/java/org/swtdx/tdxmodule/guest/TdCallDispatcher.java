package org.swtdx.tdxmodule.guest;

import java.util.List;
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
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Executes TDCALL: decodes RAX, runs the leaf, completes the instruction. One per module. */
public final class TdCallDispatcher {
  private static final int NUMBERS = 32;
  private static final int BLOCKING_BY_STI_AND_MOV_SS = 3;
  private static final long RESERVED_RAX = 0xffff_ffff_ff00_0000L;
  private static final List<LeafRow> ROWS =
      LeafRow.load(TdCallDispatcher.class, "guest-leaves.txt");

  private final @Nullable Leaf[] leaves = new Leaf[NUMBERS];

  /** A leaf as the dispatcher knows it; its object is there from the first call on. */
  private static final class Leaf {
    private final LeafRow row;
    private final TdxPlatform platform;
    private final LongAdder counter;
    private volatile @Nullable GuestLeaf function;

    Leaf(LeafRow row, TdxPlatform platform) {
      this.row = row;
      this.platform = platform;
      counter = platform.machine().events().counter(PlatformEvents.Kind.TDCALL, row.name());
    }

    GuestLeaf function() {
      GuestLeaf created = function;
      if (created == null) {
        created = row.create(GuestLeaf.class, platform);
        function = created;
      }
      return created;
    }
  }

  /** Creates the guest leaves of a module. */
  public TdCallDispatcher(TdxPlatform platform) {
    for (LeafRow row : ROWS) {
      if (row.offered()) {
        leaves[row.number()] = new Leaf(row, platform);
      }
    }
  }

  /** All rows of the table, leaves that this module does not offer among them. */
  public static List<LeafRow> rows() {
    return ROWS;
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
    long rcx = state.gpr(CpuState.RCX);
    long rdx = state.gpr(CpuState.RDX);
    try {
      outcome = run(vcpu, state.gpr(CpuState.RAX));
      vcpu.hostPrioritySince = 0;
    } catch (Refusal refusal) {
      outcome = refused(vcpu, refusal.status());
      if (outcome == TdCall.LEAVE_AND_REPEAT) { // with the operands that it had
        state.setGpr(CpuState.RCX, rcx);
        state.setGpr(CpuState.RDX, rdx);
      }
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
    Leaf leaf = number < NUMBERS ? leaves[number] : null;
    if ((rax & RESERVED_RAX) != 0 || leaf == null || version > leaf.row.maxVersion()) {
      throw new Refusal(Status.OPERAND_INVALID, Operand.RAX);
    }
    leaf.counter.increment();
    return leaf.function().execute(new TdCall(vcpu, leaf.row, version));
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
    } else if (now - vcpu.hostPrioritySince >= vcpu.tdcs().hpLockTimeoutMicros * 1000) {
      vcpu.hostPrioritySince = 0;
      vcpu.tdExit().trap(Status.HOST_PRIORITY_BUSY_TIMEOUT);
      vcpu.state().setGpr(CpuState.RAX, Status.with(Status.OPERAND_BUSY, (int) status));
      return TdCall.LEAVE;
    }
    return Status.with(Status.OPERAND_BUSY, (int) status);
  }

  private static boolean complete(GuestContext vcpu, long outcome) {
    if (outcome == TdCall.RESUME_UNCHANGED) {
      return true;
    }
    if (outcome == TdCall.LEAVE_AND_REPEAT) {
      return false;
    }
    if (outcome == TdCall.INTERRUPTED) {
      // What the instruction before blocked must not keep the interrupt from coming.
      CpuState state = vcpu.state();
      state.setInterruptibility(state.interruptibility() & ~BLOCKING_BY_STI_AND_MOV_SS);
      return true;
    }
    vcpu.processor().skipInstruction();
    if (outcome == TdCall.LEAVE) {
      return false;
    }
    vcpu.state().setGpr(CpuState.RAX, outcome);
    return true;
  }
}
