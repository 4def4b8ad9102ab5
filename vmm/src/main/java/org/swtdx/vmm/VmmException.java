package org.swtdx.vmm;

import java.io.Serial;

/** A launch that can't be carried out; the message is one line that says why and what to do. */
public final class VmmException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** Who has to act. */
  public enum Cause {
    /** The user: a setting or a file is wrong. */
    INPUT,
    /** The host: KVM refused an operation. */
    HOST
  }

  private final Cause kind;

  /**
   * Creates the exception.
   *
   * @param kind who has to act
   * @param message one line
   */
  public VmmException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Who has to act. */
  public Cause kind() {
    return kind;
  }
}
