package org.swtdx.vmm.launch;

import org.swtdx.kvm.uapi.Errno;
import org.swtdx.vmm.VmmException;

/** Turns negative results of ioctls into one-line messages. */
final class Ioctl {
  private Ioctl() {}

  /**
   * Checks a result.
   *
   * @param name the ioctl as the kernel names it
   * @param result what it returned
   * @return the result, when it is not negative
   */
  static int check(String name, long result) throws VmmException {
    if (result < 0) {
      throw refused(name, result, "");
    }
    return (int) result;
  }

  static VmmException refused(String name, long result, String detail) {
    return new VmmException(
        VmmException.Cause.HOST, name + " failed: " + Errno.name((int) result) + detail);
  }
}
