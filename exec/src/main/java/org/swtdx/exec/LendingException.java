package org.swtdx.exec;

/** Why a program cannot be started with KVM: reason and remedy in one line. */
public final class LendingException extends Exception {
  private static final long serialVersionUID = 1L;

  LendingException(String message) {
    super(message);
  }
}
