package org.swtdx.tdxmodule;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.seam.MachineCheckException;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.leaf.LeafDescriptor;
import org.swtdx.tdxmodule.leaf.LeafTable;
import org.swtdx.tdxmodule.leaf.SeamCall;
import org.swtdx.tdxmodule.platform.SeamRange;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdr;

/** A loaded module: decodes RAX, applies the system-state allow list, and runs the leaf. */
final class LoadedModule {
  private static final int SYS_LP_SHUTDOWN = 44;
  private static final long RESERVED_RAX = 0xffff_ffff_ff00_0000L;

  private final TdxPlatform state;
  private final LeafTable leaves;
  private final @Nullable LongAdder[] counters = new LongAdder[LeafTable.NUMBERS];

  LoadedModule(Platform platform, SeamRange range) {
    state = new TdxPlatform(platform, range);
    leaves = new LeafTable(state);
    for (LeafDescriptor d : leaves.all()) {
      counters[d.row().number()] =
          platform.events().counter(PlatformEvents.Kind.SEAMCALL, d.row().name());
    }
  }

  /** Its platform-scope state. */
  TdxPlatform state() {
    return state;
  }

  void seamcall(LogicalProcessor lp, SeamRegisters regs) {
    try {
      regs.rax = dispatch(lp, regs);
    } catch (Refusal refusal) {
      regs.rax = refusal.status();
    }
  }

  private long dispatch(LogicalProcessor lp, SeamRegisters regs) throws Refusal {
    Refusal.operandInvalidIf((regs.rax & RESERVED_RAX) != 0, Operand.RAX);
    int number = (int) regs.rax & 0xffff;
    int version = (int) regs.rax >>> 16 & 0xff;
    LeafDescriptor leaf = leaves.get(number);
    Refusal.operandInvalidIf(
        version > 0 && (leaf == null || leaf.row().maxVersion() == 0), Operand.RAX);
    if (state.state() == SystemState.SYS_SHUTDOWN && number != SYS_LP_SHUTDOWN) {
      return Status.SYS_SHUTDOWN;
    }
    if (state.state() != SystemState.SYS_READY && (leaf == null || !leaf.row().early())) {
      return Status.SYS_NOT_READY;
    }
    if (leaf == null) {
      throw new Refusal(Status.OPERAND_INVALID, Operand.RAX);
    }
    Refusal.operandInvalidIf(version > leaf.row().maxVersion(), Operand.RAX);
    LongAdder counter = counters[number];
    if (counter != null) {
      counter.increment();
    }
    return execute(new SeamCall(state, lp, regs, leaf.row(), version), leaf);
  }

  private static long execute(SeamCall call, LeafDescriptor leaf) throws Refusal {
    try {
      return leaf.leaf().execute(call);
    } catch (MachineCheckException _) {
      // TD memory that the leaf consumed lost its integrity: the TD must not go on with it.
      Tdr tdr = call.tdr();
      if (tdr == null) {
        return Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE;
      }
      tdr.setFatal();
      return Status.TD_FATAL;
    } finally {
      call.releaseLocks();
    }
  }
}
