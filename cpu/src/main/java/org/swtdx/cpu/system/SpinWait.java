package org.swtdx.cpu.system;

/** What PAUSE and MWAIT without an exit do to the thread that runs the guest. */
final class SpinWait {
  private static final int HINTS_PER_YIELD = 64;

  private int hints;

  SpinWait() {}

  /** Hints at a spin-wait loop; from time to time the host thread gives way. */
  @SuppressWarnings("ThreadPriorityCheck") // what the guest waits for may need this CPU
  void hint() {
    if (++hints % HINTS_PER_YIELD == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }
}
