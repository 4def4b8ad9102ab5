package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.Syscall;

/** Answers calls that name a file by path, where the path is one of {@link ProbedPaths}. */
final class PathCalls {
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_DIRECTORY = 0x10000;
  private static final int ENOTDIR = 20;
  private static final int EISDIR = 21;
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFREG = 0x8000;
  private static final int KVM_MAJOR = 10;
  private static final int KVM_MINOR = 232;
  private static final int STAT_SIZE = 144;
  private static final int STATX_SIZE = 256;
  private static final int STATX_BASIC = 0x7ff;
  private static final int BLOCK = 4096;

  /** Opens the device for a call. */
  @FunctionalInterface
  interface DeviceOpener {
    /** The descriptor or a negative error number. */
    long open(Call call, boolean closeOnExec);
  }

  private final DeviceOpener device;

  PathCalls(DeviceOpener device) {
    this.device = device;
  }

  /** Answers a call, or lets it through. */
  void answer(Call call) {
    int pathArgument = pathArgument(call.number());
    String path = ProcessMemory.readPath(call.tid(), call.argument(pathArgument));
    Optional<ProbedPaths.Found> found = ProbedPaths.find(fromRoot(call, path, pathArgument));
    if (found.isEmpty()) {
      if (path.isEmpty() && ProcessMemory.isForbidden(call.tid())) {
        Messages.warn(
            ("the memory of process %d is closed to swtdx, so that it does not find /dev/kvm: it is"
                    + " not dumpable, or kernel.yama.ptrace_scope is above 1")
                .formatted(call.tid()));
      }
      call.letThrough();
      return;
    }
    if (found.get() instanceof ProbedPaths.Absent) {
      call.answer(-Syscall.ENOENT);
      return;
    }
    call.answer(
        switch (call.number()) {
          case Syscall.OPEN -> open(call, found.get(), call.intArgument(1));
          case Syscall.OPENAT -> open(call, found.get(), call.intArgument(2));
          case Syscall.OPENAT2 -> open(call, found.get(), openHow(call));
          case Syscall.STAT, Syscall.LSTAT -> stat(call, found.get(), call.argument(1));
          case Syscall.NEWFSTATAT -> stat(call, found.get(), call.argument(2));
          case Syscall.STATX -> statx(call, found.get(), call.argument(4));
          default -> 0; // access: everybody may read and write
        });
  }

  /** A relative path that may be the device's, with the folder that it starts from. */
  private static String fromRoot(Call call, String path, int pathArgument) {
    if (path.startsWith("/") || !path.endsWith("kvm")) {
      return path;
    }
    int folder = pathArgument == 0 ? Syscall.AT_FDCWD : call.intArgument(0);
    String start = folder == Syscall.AT_FDCWD ? "/cwd" : "/fd/" + folder;
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + call.tid() + start))
          .resolve(path)
          .toString();
    } catch (IOException e) {
      return path; // no such folder: the kernel says so
    }
  }

  private static int pathArgument(int number) {
    for (int[] call : CallFilter.PATH_CALLS) {
      if (call[0] == number) {
        return call[1];
      }
    }
    throw new IllegalArgumentException("no path in call " + number);
  }

  private static int openHow(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocate(Long.BYTES, 8);
      return ProcessMemory.read(call.tid(), call.argument(2), flags)
          ? (int) flags.get(ValueLayout.JAVA_LONG, 0)
          : 0;
    }
  }

  private long open(Call call, ProbedPaths.Found found, int flags) {
    boolean closeOnExec = (flags & O_CLOEXEC) != 0;
    if (found instanceof ProbedPaths.Folder) {
      return -EISDIR;
    }
    if ((flags & O_DIRECTORY) != 0) {
      return -ENOTDIR;
    }
    return found instanceof ProbedPaths.Parameter(String text)
        ? openText(call, text, closeOnExec)
        : device.open(call, closeOnExec);
  }

  private static long openText(Call call, String text, boolean closeOnExec) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    try (NamelessFile file = NamelessFile.create(bytes.length, Access.READ)) {
      file.write(bytes);
      return call.give(file.forProgram(), closeOnExec);
    } catch (IOException e) {
      Messages.warn("a module parameter cannot be shown: %s".formatted(e.getMessage()));
      return -Syscall.ENOENT;
    }
  }

  private static int mode(ProbedPaths.Found found) {
    return switch (found) {
      case ProbedPaths.Device _ -> S_IFCHR | 0666;
      case ProbedPaths.Folder _ -> S_IFDIR | 0755;
      case ProbedPaths.Parameter _, ProbedPaths.Absent _ -> S_IFREG | 0444;
    };
  }

  private static long stat(Call call, ProbedPaths.Found found, long target) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_SIZE, 8);
      stat.set(ValueLayout.JAVA_LONG, 16, 1); // st_nlink
      stat.set(ValueLayout.JAVA_INT, 24, mode(found));
      if (found instanceof ProbedPaths.Device) {
        stat.set(ValueLayout.JAVA_LONG, 40, KVM_MAJOR << 8 | KVM_MINOR); // st_rdev
      }
      stat.set(ValueLayout.JAVA_LONG, 48, size(found));
      stat.set(ValueLayout.JAVA_LONG, 56, BLOCK);
      return ProcessMemory.write(call.tid(), target, stat) ? 0 : -Syscall.EFAULT;
    }
  }

  private static long statx(Call call, ProbedPaths.Found found, long target) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statx = arena.allocate(STATX_SIZE, 8);
      statx.set(ValueLayout.JAVA_INT, 0, STATX_BASIC);
      statx.set(ValueLayout.JAVA_INT, 4, BLOCK);
      statx.set(ValueLayout.JAVA_INT, 16, 1); // stx_nlink
      statx.set(ValueLayout.JAVA_SHORT, 28, (short) mode(found));
      statx.set(ValueLayout.JAVA_LONG, 40, size(found));
      if (found instanceof ProbedPaths.Device) {
        statx.set(ValueLayout.JAVA_INT, 128, KVM_MAJOR);
        statx.set(ValueLayout.JAVA_INT, 132, KVM_MINOR);
      }
      return ProcessMemory.write(call.tid(), target, statx) ? 0 : -Syscall.EFAULT;
    }
  }

  private static long size(ProbedPaths.Found found) {
    return found instanceof ProbedPaths.Parameter ? BLOCK : 0;
  }
}
