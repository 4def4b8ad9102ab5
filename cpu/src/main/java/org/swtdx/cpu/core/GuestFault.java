package org.swtdx.cpu.core;

import java.io.Serial;

/**
 * Leaves the instruction being executed; what happened is in the core's pending-fault fields.
 * Preallocated, without a stack trace.
 */
public final class GuestFault extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /** The only instance. */
  @SuppressWarnings("StaticAssignmentOfThrowable") // carries no stack trace; guests cause it often
  public static final GuestFault INSTANCE = new GuestFault();

  private GuestFault() {
    super("guest fault", null, false, false);
  }
}
