package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * {@code syscall(2)} with up to six arguments; the result is what the kernel's own entry returns: a
 * value, or a negative error number. Numbers are those of x86-64 (asm/unistd_64.h).
 */
public final class Syscall {
  public static final int CLOSE = 3;
  public static final int FSTAT = 5;
  public static final int POLL = 7;
  public static final int LSEEK = 8;
  public static final int MMAP = 9;
  public static final int MUNMAP = 11;
  public static final int IOCTL = 16;
  public static final int ACCESS = 21;
  public static final int DUP = 32;
  public static final int OPEN = 2;
  public static final int STAT = 4;
  public static final int LSTAT = 6;
  public static final int READ = 0;
  public static final int WRITE = 1;
  public static final int PREAD64 = 17;
  public static final int PWRITE64 = 18;
  public static final int RT_SIGACTION = 13;
  public static final int SOCKET = 41;
  public static final int CONNECT = 42;
  public static final int SENDMSG = 46;
  public static final int RECVMSG = 47;
  public static final int SHUTDOWN = 48;
  public static final int BIND = 49;
  public static final int LISTEN = 50;
  public static final int GETSOCKOPT = 55;
  public static final int WAIT4 = 61;
  public static final int KILL = 62;
  public static final int FCNTL = 72;
  public static final int FTRUNCATE = 77;
  public static final int MKDIR = 83;
  public static final int RMDIR = 84;
  public static final int READLINK = 89;
  public static final int PTRACE = 101;
  public static final int GETEUID = 107;
  public static final int GETPGRP = 111;
  public static final int ARCH_PRCTL = 158;
  public static final int PRCTL = 157;
  public static final int GETXATTR = 191;
  public static final int LGETXATTR = 192;
  public static final int LISTXATTR = 194;
  public static final int LLISTXATTR = 195;
  public static final int IO_SETUP = 206;
  public static final int IO_GETEVENTS = 208;
  public static final int IO_SUBMIT = 209;
  public static final int GETDENTS64 = 217;
  public static final int OPENAT = 257;
  public static final int NEWFSTATAT = 262;
  public static final int READLINKAT = 267;
  public static final int FACCESSAT = 269;
  public static final int FALLOCATE = 285;
  public static final int ACCEPT4 = 288;
  public static final int EVENTFD2 = 290;
  public static final int MEMFD_CREATE = 319;
  public static final int INOTIFY_ADD_WATCH = 254;
  public static final int INOTIFY_RM_WATCH = 255;
  public static final int INOTIFY_INIT1 = 294;
  public static final int PROCESS_VM_READV = 310;
  public static final int PROCESS_VM_WRITEV = 311;
  public static final int RT_SIGQUEUEINFO = 129;
  public static final int TGKILL = 234;
  public static final int RT_TGSIGQUEUEINFO = 297;
  public static final int SECCOMP = 317;
  public static final int PREADV2 = 327;
  public static final int STATX = 332;
  public static final int PIDFD_SEND_SIGNAL = 424;
  public static final int PIDFD_OPEN = 434;
  public static final int OPENAT2 = 437;
  public static final int PIDFD_GETFD = 438;
  public static final int FACCESSAT2 = 439;

  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int EINTR = 4;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int ENODEV = 19;
  public static final int EISDIR = 21;
  public static final int ENOTDIR = 20;
  public static final int EINVAL = 22;
  public static final int ECONNABORTED = 103;
  public static final int ECONNREFUSED = 111;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ENOSYS = 38;
  public static final int ENODATA = 61;
  public static final int EINPROGRESS = 115;

  /** {@code AT_FDCWD}. */
  public static final int AT_FDCWD = -100;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
  private static final MethodHandle ENTRY = entry();
  private static final ThreadLocal<MemorySegment> CAPTURE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATE));

  private Syscall() {}

  @SuppressWarnings("restricted") // system calls are what this class is for
  private static MethodHandle entry() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG),
        Linker.Option.captureCallState("errno"));
  }

  /** open(2): a descriptor, or a negative error number. */
  public static int open(String path, int flags) {
    return open(path, flags, 0);
  }

  /** open(2) of a file that may be made: a descriptor, or a negative error number. */
  public static int open(String path, int flags, int mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      return (int) call(OPENAT, AT_FDCWD, name.address(), flags, mode);
    }
  }

  /**
   * Calls with six arguments. The JVM may have an earlier access's InternalError come during a
   * call: see {@link org.swtdx.memory.LostMemory}.
   */
  public static long call(int number, long a, long b, long c, long d, long e, long f) {
    try {
      MemorySegment state = CAPTURE.get();
      long result = (long) ENTRY.invokeExact(state, (long) number, a, b, c, d, e, f);
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Error error) {
      throw error;
    } catch (Throwable t) {
      throw new LinkageError("syscall could not be called", t);
    }
  }

  /** Calls without arguments. */
  public static long call(int number) {
    return call(number, 0, 0, 0, 0, 0, 0);
  }

  /** Calls with one argument. */
  public static long call(int number, long a) {
    return call(number, a, 0, 0, 0, 0, 0);
  }

  /** Calls with two arguments. */
  public static long call(int number, long a, long b) {
    return call(number, a, b, 0, 0, 0, 0);
  }

  /** Calls with three arguments. */
  public static long call(int number, long a, long b, long c) {
    return call(number, a, b, c, 0, 0, 0);
  }

  /** Calls with four arguments. */
  public static long call(int number, long a, long b, long c, long d) {
    return call(number, a, b, c, d, 0, 0);
  }
}
