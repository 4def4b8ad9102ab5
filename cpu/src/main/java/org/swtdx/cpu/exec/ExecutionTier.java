package org.swtdx.cpu.exec;

import org.swtdx.cpu.core.Core;

/** A way to execute guest code: an interpreter, or a translator with the same contract. */
public interface ExecutionTier {
  /**
   * Executes until {@link Core#attention} is set at a block boundary or an instruction leaves with
   * a fault.
   *
   * @return true for a fault: it is in the core's fault fields, {@code core.rip} is at the
   *     instruction and {@code core.faultInsn} is that instruction (its handler is {@code
   *     Insn.NOTHING}'s when fetching failed); false for attention, {@code core.rip} being the next
   *     instruction
   */
  boolean run(Core core);

  /** Executes one instruction (one iteration of a repeated one); result as {@link #run}. */
  boolean step(Core core);

  /** Forgets all decoded code. */
  void clear();
}
