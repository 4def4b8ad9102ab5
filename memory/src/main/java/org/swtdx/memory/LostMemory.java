package org.swtdx.memory;

import java.util.function.BooleanSupplier;

/**
 * Memory that is mapped and not there any more: it is a file's, and somebody has shortened the
 * file. An access to it is an InternalError, which the JVM does not throw at the access, but when
 * the thread next looks for such things: somewhere in what it does later, in the worst case.
 */
public final class LostMemory {
  private LostMemory() {}

  /** Whether an error is that of an access to such memory. */
  public static boolean isCauseOf(InternalError error) {
    return String.valueOf(error.getMessage()).contains("unsafe memory access");
  }

  /** Throws the error on unless it is that of an access to such memory. */
  public static void expect(InternalError error) {
    if (!isCauseOf(error)) {
      throw error;
    }
  }

  /** What an access says; false, too, if it was one to such memory. */
  public static boolean unlessLost(BooleanSupplier access) {
    try {
      boolean result = access.getAsBoolean();
      check();
      return result;
    } catch (InternalError e) {
      expect(e);
      return false;
    }
  }

  /** Has the error of this thread's accesses come now, if there is one. Takes some nanoseconds. */
  public static void check() {
    Thread.holdsLock(LostMemory.class); // a thread that comes back from native code looks
  }
}
