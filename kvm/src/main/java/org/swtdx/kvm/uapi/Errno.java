package org.swtdx.kvm.uapi;

/** Linux error numbers; ioctl methods return them negated. */
public final class Errno {
  /** Operation not permitted. */
  public static final int EPERM = 1;

  /** No such entry. */
  public static final int ENOENT = 2;

  /** Interrupted. */
  public static final int EINTR = 4;

  /** Input/output error; the VM is dead. */
  public static final int EIO = 5;

  /** No such device. */
  public static final int ENXIO = 6;

  /** List too long. */
  public static final int E2BIG = 7;

  /** Bad file descriptor. */
  public static final int EBADF = 9;

  /** Try again. */
  public static final int EAGAIN = 11;

  /** Out of memory. */
  public static final int ENOMEM = 12;

  /** Permission denied. */
  public static final int EACCES = 13;

  /** Bad address. */
  public static final int EFAULT = 14;

  /** Busy. */
  public static final int EBUSY = 16;

  /** Already exists. */
  public static final int EEXIST = 17;

  /** No such device. */
  public static final int ENODEV = 19;

  /** Invalid argument. */
  public static final int EINVAL = 22;

  /** Too many open files. */
  public static final int EMFILE = 24;

  /** Inappropriate ioctl. */
  public static final int ENOTTY = 25;

  /** File too large. */
  public static final int EFBIG = 27;

  /** No space left. */
  public static final int ENOSPC = 28;

  /** Out of range. */
  public static final int ERANGE = 34;

  /** The kernel has no such call. */
  public static final int ENOSYS = 38;

  /** Operation not supported. */
  public static final int EOPNOTSUPP = 95;

  private Errno() {}

  /**
   * Names a result: {@code "EINVAL"} for -22, {@code "0"} for 0.
   *
   * @param result what an ioctl returned: non-negative, or a negative error number
   */
  public static String name(int result) {
    return switch (-result) {
      case EPERM -> "EPERM";
      case ENOENT -> "ENOENT";
      case EINTR -> "EINTR";
      case EIO -> "EIO";
      case ENXIO -> "ENXIO";
      case E2BIG -> "E2BIG";
      case EBADF -> "EBADF";
      case EAGAIN -> "EAGAIN";
      case ENOMEM -> "ENOMEM";
      case EACCES -> "EACCES";
      case EFAULT -> "EFAULT";
      case EBUSY -> "EBUSY";
      case EEXIST -> "EEXIST";
      case ENODEV -> "ENODEV";
      case EINVAL -> "EINVAL";
      case EMFILE -> "EMFILE";
      case ENOTTY -> "ENOTTY";
      case EFBIG -> "EFBIG";
      case ENOSPC -> "ENOSPC";
      case ERANGE -> "ERANGE";
      case ENOSYS -> "ENOSYS";
      case EOPNOTSUPP -> "EOPNOTSUPP";
      default -> Integer.toString(result);
    };
  }
}
