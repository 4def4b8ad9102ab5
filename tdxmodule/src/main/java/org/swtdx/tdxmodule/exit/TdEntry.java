package org.swtdx.tdxmodule.exit;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmExit;
import org.swtdx.events.PlatformEvents;
import org.swtdx.tdxmodule.guest.TdCallDispatcher;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.vp.GuestContext;

/** Runs a vCPU until it leaves the TD. One per module; thread-safe. */
public final class TdEntry {
  private final ExitTable exits;
  private final LongAdder instructions;
  private final @Nullable LongAdder[] exitCounters = new LongAdder[128];

  /** Creates the exit dispatch of a module. */
  public TdEntry(TdxPlatform platform) {
    exits = new ExitTable(new TdCallDispatcher(platform)::execute);
    PlatformEvents events = platform.machine().events();
    instructions = events.counter(PlatformEvents.Kind.COUNT, "instructions");
    for (ExitReason reason : ExitReason.values()) {
      exitCounters[reason.number()] = events.counter(PlatformEvents.Kind.EXIT, reason.name());
    }
  }

  /** Enters {@code vcpu} on {@code lp}; its TdExit is ready when this returns. */
  public void run(GuestContext vcpu, LogicalProcessor lp) {
    Processor processor = vcpu.processor();
    VmExit exit = vcpu.exit();
    long before = processor.instructionCount();
    vcpu.entryRcx = vcpu.state().gpr(CpuState.RCX);
    vcpu.entryInstructions = before;
    vcpu.answeredInstructions = 0;
    boolean resume;
    do {
      vcpu.offerNmi();
      processor.run(lp);
      if (vcpu.tdcs().tdr().fatal()) { // another vCPU met memory without integrity
        vcpu.tdExit()
            .failed(
                Status.NON_RECOVERABLE_TD_NON_ACCESSIBLE,
                exit.reason,
                exit.qualification,
                exit.interruptionInfo);
        break;
      }
      SingleStepDefence.Interrupt waiting = SingleStepDefence.afterExit(vcpu, lp);
      vcpu.zeroStepDefence().exit(vcpu.state().rip());
      vcpu.events().begin();
      resume = exits.handler(exit.reason).handle(vcpu);
      vcpu.events().redeliver();
      vcpu.answeredInstructions += resume && !vcpu.events().injected() ? 1 : 0;
      if (waiting != null && resume) {
        waiting.restore(exit);
        resume = exits.handler(exit.reason).handle(vcpu);
      }
    } while (resume);
    instructions.add(processor.instructionCount() - before);
    vcpu.lastExit = vcpu.tdExit().lastExit();
    LongAdder counter = exitCounters[vcpu.tdExit().reason()];
    if (counter != null) {
      counter.increment();
    }
  }
}
