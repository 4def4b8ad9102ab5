package org.swtdx.exec.linux;

/**
 * Memory that is mapped and not there any more, because a program has shortened the file of its
 * guest's memory, or that of kvm_run. An access to it is an InternalError, which the JVM does not
 * throw at the access, but when the thread next looks for such things: within a later call, in the
 * worst case.
 */
public final class CutOffMemory {
  private CutOffMemory() {}

  /** Whether an error is that of an access to such memory. */
  public static boolean isCauseOf(InternalError error) {
    return String.valueOf(error.getMessage()).contains("unsafe memory access");
  }

  /** Has the error of this thread's accesses come now, if there is one. */
  public static void check() {
    Syscall.call(Syscall.GETPID); // a thread that comes back from native code looks
  }
}
