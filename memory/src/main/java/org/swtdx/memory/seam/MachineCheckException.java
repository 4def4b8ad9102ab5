package org.swtdx.memory.seam;

import java.io.Serial;

/**
 * A read with a key met a line that was since written with another key or lost its TD-owner bit:
 * the line is poisoned. Preallocated and without a stack trace, since guests can cause it.
 */
public final class MachineCheckException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** The only instance. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // it has no stack trace to be wrong
  public static final MachineCheckException INSTANCE = new MachineCheckException();

  private MachineCheckException() {
    super("poisoned cache line consumed", null, false, false);
  }
}
