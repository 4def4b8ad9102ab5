package org.swtdx.tdxmodule.status;

import java.io.Serial;

/**
 * A leaf's check failed: it ends with this completion status and has changed nothing. Carries no
 * stack trace; the dispatcher turns it into RAX, and it never leaves the module.
 */
public final class Refusal extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final long status;

  /** Creates a refusal with a complete status. */
  public Refusal(long status) {
    super("0x" + Long.toHexString(status), null, false, false);
    this.status = status;
  }

  /** Creates a refusal that blames an {@link Operand}. */
  public Refusal(long code, int operand) {
    this(Status.with(code, operand));
  }

  /** The completion status. */
  public long status() {
    return status;
  }

  /** Refuses with OPERAND_INVALID on {@code operand} when {@code bad}. */
  public static void operandInvalidIf(boolean bad, int operand) throws Refusal {
    if (bad) {
      throw new Refusal(Status.OPERAND_INVALID, operand);
    }
  }

  /** Refuses with {@code status} unless {@code condition} holds. */
  public static void unless(boolean condition, long status) throws Refusal {
    if (!condition) {
      throw new Refusal(status);
    }
  }
}
