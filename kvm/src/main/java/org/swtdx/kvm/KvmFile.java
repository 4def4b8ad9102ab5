package org.swtdx.kvm;

/**
 * An open file of KVM's: what a descriptor refers to. Results are non-negative or a negative error
 * number of {@link org.swtdx.kvm.uapi.Errno}. All methods may be called from any thread.
 */
public abstract sealed class KvmFile
    permits SystemFile, VmFile, VcpuFile, GuestMemfdFile, StatsFile {
  KvmFile() {}

  /**
   * ioctl(2).
   *
   * @param caller the process that calls
   * @param number the ioctl's number, a constant of {@link org.swtdx.kvm.uapi.KvmIoctl} or any
   *     other
   * @param argument the argument: a value, or the user address of a structure
   */
  public final int ioctl(UserProcess caller, int number, long argument) {
    return ioctl(caller, number, new Argument(caller.memory(), argument));
  }

  /** As above, for a client whose structures are in memory of their own. */
  abstract int ioctl(UserProcess caller, int number, Argument argument);

  /** The last reference to the file is gone. To be called once. */
  public abstract void release();
}
