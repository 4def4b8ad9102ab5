package org.swtdx.cpu.core;

/** The semantics of one decoded instruction form. Stateless; one instance serves all processors. */
public abstract class Handler {
  /** For subclasses. */
  protected Handler() {}

  /**
   * Executes {@code insn} on {@code core}. Core.rip is maintained by the executor: when a block's
   * last instruction runs it already holds the next instruction's address, so branches overwrite
   * it. A fault is thrown as {@link GuestFault} before any register was changed.
   */
  public abstract void execute(Core core, Insn insn);
}
