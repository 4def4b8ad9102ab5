package org.swtdx.cli;

/** Exit statuses of the command. */
final class ExitStatus {
  /** The guest ended as it should, or the question was answered. */
  static final int OK = 0;

  /** The guest failed, or the answer is negative. */
  static final int FAILED = 1;

  /** Wrong usage or unreadable input. */
  static final int USAGE = 2;

  /** The time given with {@code --timeout} passed. */
  static final int TIMEOUT = 124;

  private ExitStatus() {}
}
