package org.swtdx.vmm.console;

/** Recognises Ctrl-A commands in typed bytes: {@code x} quits, Ctrl-A types itself. */
final class EscapeKey {
  private static final byte CONTROL_A = 1;

  private boolean pending;
  private boolean quit;

  /**
   * Takes out the commands.
   *
   * @param bytes typed bytes; what is left is moved to the front
   * @param length how many were typed
   * @return how many are left for the guest
   */
  int filter(byte[] bytes, int length) {
    int kept = 0;
    for (int i = 0; i < length && !quit; i++) {
      byte b = bytes[i];
      if (pending) {
        pending = false;
        if (b == 'x' || b == 'X') {
          quit = true;
        } else if (b == CONTROL_A) {
          bytes[kept++] = b;
        }
      } else if (b == CONTROL_A) {
        pending = true;
      } else {
        bytes[kept++] = b;
      }
    }
    return kept;
  }

  /** Whether Ctrl-A x was typed. */
  boolean quit() {
    return quit;
  }
}
