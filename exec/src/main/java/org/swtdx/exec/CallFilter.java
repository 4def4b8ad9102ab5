package org.swtdx.exec;

import org.swtdx.exec.linux.Bpf;
import org.swtdx.exec.linux.Syscall;

/**
 * Which system calls of a program the supervisor sees: those that name a file by path, that list a
 * folder, ioctls of KVM's type, fallocate and ftruncate, mappings of files but for those of
 * loaders, those that send signals, and permission for dynamic features of a guest's FPU. All
 * others run at native speed.
 */
final class CallFilter {
  /** {@code ARCH_GET_XCOMP_GUEST_PERM}. */
  static final int GET_XCOMP_GUEST_PERM = 0x1024;

  /** {@code ARCH_REQ_XCOMP_GUEST_PERM}. */
  static final int REQ_XCOMP_GUEST_PERM = 0x1025;

  /** Calls with a path, each with the argument that points to it. */
  static final int[][] PATH_CALLS = {
    {Syscall.OPEN, 0},
    {Syscall.OPENAT, 1},
    {Syscall.OPENAT2, 1},
    {Syscall.STAT, 0},
    {Syscall.LSTAT, 0},
    {Syscall.NEWFSTATAT, 1},
    {Syscall.STATX, 1},
    {Syscall.ACCESS, 0},
    {Syscall.FACCESSAT, 1},
    {Syscall.FACCESSAT2, 1},
    {Syscall.READLINK, 0},
    {Syscall.READLINKAT, 1},
    {Syscall.GETXATTR, 0},
    {Syscall.LGETXATTR, 0},
    {Syscall.LISTXATTR, 0},
    {Syscall.LLISTXATTR, 0},
  };

  /** Calls that send a signal to a thread or a process. */
  private static final int[] SIGNAL_CALLS = {
    Syscall.KILL, Syscall.TGKILL, Syscall.RT_SIGQUEUEINFO, Syscall.RT_TGSIGQUEUEINFO
  };

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int TYPE_MASK = 0xff00;
  private static final int KVM_TYPE = 0xae00;
  private static final int MAP_SHARED = 1;
  private static final int MAP_ANONYMOUS = 0x20;

  /** Has had no effect for decades; loaders set it, and hardly anybody else does. */
  private static final int MAP_DENYWRITE = 0x800;

  private CallFilter() {}

  static Bpf program() {
    Bpf filter = new Bpf();
    filter.loadArch().unlessEqual(Bpf.X86_64, "allow").loadNumber();
    filter.ifEqual(Syscall.IOCTL, "ioctl").ifEqual(Syscall.MMAP, "mmap");
    filter.ifEqual(Syscall.NEWFSTATAT, "fstatat").ifEqual(Syscall.STATX, "statx");
    for (int[] call : PATH_CALLS) {
      filter.ifEqual(call[0], "notify");
    }
    for (int call : SIGNAL_CALLS) {
      filter.ifEqual(call, "notify");
    }
    filter.ifEqual(Syscall.GETDENTS64, "notify");
    filter.ifEqual(Syscall.FALLOCATE, "notify").ifEqual(Syscall.FTRUNCATE, "notify");
    filter.ifEqual(Syscall.ARCH_PRCTL, "arch").verdict(Bpf.ALLOW);
    filter.place("ioctl").loadArgument(1).and(TYPE_MASK);
    filter.ifEqual(KVM_TYPE, "notify").verdict(Bpf.ALLOW);
    // MAP_SHARED and MAP_SHARED_VALIDATE have bit 0 set, MAP_PRIVATE has not.
    filter.place("mmap").loadArgument(3).ifAny(MAP_ANONYMOUS, "allow").ifAny(MAP_SHARED, "notify");
    filter.ifAny(MAP_DENYWRITE, "allow").verdict(Bpf.NOTIFY);
    // With AT_EMPTY_PATH and a descriptor they are fstat, for which some C libraries use them.
    filter.place("fstatat").loadArgument(3).unlessAny(AT_EMPTY_PATH, "notify");
    filter.loadArgument(0).ifEqual(Syscall.AT_FDCWD, "notify").verdict(Bpf.ALLOW);
    filter.place("statx").loadArgument(2).unlessAny(AT_EMPTY_PATH, "notify");
    filter.loadArgument(0).ifEqual(Syscall.AT_FDCWD, "notify").verdict(Bpf.ALLOW);
    filter.place("arch").loadArgument(0);
    filter.ifEqual(GET_XCOMP_GUEST_PERM, "notify").unlessEqual(REQ_XCOMP_GUEST_PERM, "allow");
    filter.place("notify").verdict(Bpf.NOTIFY);
    filter.place("allow").verdict(Bpf.ALLOW);
    return filter;
  }
}
