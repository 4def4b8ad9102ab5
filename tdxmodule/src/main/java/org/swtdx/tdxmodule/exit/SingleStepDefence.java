package org.swtdx.tdxmodule.exit;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.MmioBus;
import org.swtdx.cpu.VmExit;
import org.swtdx.tdxmodule.vp.GuestContext;

/**
 * Keeps a host from watching a vCPU instruction by instruction with interrupts that come right
 * after each entry: the vCPU executes a random number of further instructions before it leaves.
 * Stateless.
 */
final class SingleStepDefence {
  private static final int EVENT = 1 << 31;

  private static final MmioBus NO_DEVICES =
      new MmioBus() {
        @Override
        public boolean claims(long gpaRaw) {
          return false;
        }

        @Override
        public boolean ready(long gpaRaw, int size) {
          return true;
        }

        @Override
        public long read(long gpaRaw, int size) {
          return -1;
        }

        @Override
        public void write(long gpaRaw, int size, long value) {}
      };

  /**
   * An interrupt that waits for the end of a stepping.
   *
   * @param qualification its exit qualification
   * @param interruptionInfo which interrupt
   */
  record Interrupt(long qualification, int interruptionInfo) {
    /** Makes it the vCPU's exit again. */
    void restore(VmExit exit) {
      exit.clear();
      exit.reason = ExitReason.EXTERNAL_INTERRUPT.number();
      exit.qualification = qualification;
      exit.interruptionInfo = interruptionInfo;
    }
  }

  private SingleStepDefence() {}

  /**
   * Looks at the VM exit that just happened. If it is a suspicious interrupt, steps the vCPU on;
   * its exit is the interrupt again, or what the vCPU met on the way.
   *
   * @return the interrupt that still waits because of what the vCPU met; null normally
   */
  static @Nullable Interrupt afterExit(GuestContext vcpu, LogicalProcessor lp) {
    VmExit exit = vcpu.exit();
    boolean interrupt = exit.reason == ExitReason.EXTERNAL_INTERRUPT.number();
    if (!interrupt || !isSuspicious(vcpu) || (exit.idtVectoringInfo & EVENT) != 0) {
      return null;
    }
    Interrupt waiting = new Interrupt(exit.qualification, exit.interruptionInfo);
    int steps = vcpu.platform().randomSteps(lp);
    for (int i = 0; i < steps; i++) {
      if (vcpu.state().activityState() != 0) {
        break;
      }
      if (vcpu.processor().emulate(NO_DEVICES) == Emulation.EXITED) {
        return waiting;
      }
    }
    waiting.restore(exit);
    return null;
  }

  // At most one instruction since the entry, and a repeated one that got nowhere.
  static boolean isSuspicious(GuestContext vcpu) {
    long executed =
        vcpu.processor().instructionCount() - vcpu.entryInstructions + vcpu.answeredInstructions;
    long repeated = vcpu.entryRcx - vcpu.state().gpr(CpuState.RCX);
    return executed == 1 || executed == 0 && Long.compareUnsigned(repeated, 1) <= 0;
  }
}
