package org.swtdx.vmm.console;

/** Takes what a user types. Thread-safe. */
public interface ConsoleInput {
  /**
   * Hands bytes to the guest's serial line.
   *
   * @param bytes holds them
   * @param offset index of the first
   * @param length how many
   */
  void type(byte[] bytes, int offset, int length);

  /** Asks for the end of the run. */
  void quit();
}
