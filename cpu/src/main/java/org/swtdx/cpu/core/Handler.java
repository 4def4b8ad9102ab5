package org.swtdx.cpu.core;

/** The semantics of one decoded instruction form. Stateless; one instance serves all processors. */
public abstract class Handler {
  /** For subclasses. */
  protected Handler() {}

  /**
   * Executes {@code insn} on {@code core}. While a block runs, {@code core.rip} already holds the
   * address after the block's last instruction, so branches, which end a block, overwrite it. A
   * fault is thrown as {@link GuestFault} before any register was changed.
   */
  public abstract void execute(Core core, Insn insn);

  /**
   * Whether a block ends with this instruction: branches, mode changes, everything after which the
   * next instruction must be looked up anew or pending events must be looked at.
   */
  public boolean endsBlock() {
    return false;
  }

  /** Semantics given as a function. */
  @FunctionalInterface
  public interface Operation {
    /** Executes; see {@link Handler#execute}. */
    void execute(Core core, Insn insn);
  }

  /** Returns a handler for rarely executed instructions; hot ones are subclasses. */
  public static Handler of(Operation operation) {
    return new Wrapped(operation, false);
  }

  /** Returns a handler like {@link #of} that ends its block. */
  public static Handler ending(Operation operation) {
    return new Wrapped(operation, true);
  }

  private static final class Wrapped extends Handler {
    private final Operation operation;
    private final boolean ends;

    Wrapped(Operation operation, boolean ends) {
      this.operation = operation;
      this.ends = ends;
    }

    @Override
    public void execute(Core core, Insn insn) {
      operation.execute(core, insn);
    }

    @Override
    public boolean endsBlock() {
      return ends;
    }
  }
}
