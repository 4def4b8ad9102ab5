package org.swtdx.exec;

import java.io.IOException;
import java.util.Optional;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.Tasks;

/**
 * Answers calls that name a file by path, where the path is one of {@link ProbedPaths} or that of
 * {@link CpuInfo}, and those that list a folder.
 */
final class PathCalls implements AutoCloseable {
  private static final OpenHow PLAIN = OpenHow.of(0);
  private static final int W_OK = 2;
  private static final int X_OK = 1;
  private static final int ACCESS_BITS = 7;

  /** Opens the device for a call. */
  @FunctionalInterface
  interface DeviceOpener {
    /** The descriptor or a negative error number. */
    long open(Call call, boolean closeOnExec);
  }

  private final DeviceOpener device;
  private final ModuleTree modules = new ModuleTree();
  private final ProgramPaths paths = new ProgramPaths(modules);
  private final FileStatus status = new FileStatus(modules);

  PathCalls(DeviceOpener device) {
    this.device = device;
  }

  /** Answers a call with a path, or lets it through. */
  void answer(Call call) {
    OpenHow how =
        switch (call.number()) {
          case Syscall.OPEN -> OpenHow.of(call.intArgument(1));
          case Syscall.OPENAT -> OpenHow.of(call.intArgument(2));
          case Syscall.OPENAT2 -> OpenHow.read(call);
          default -> PLAIN;
        };
    int pathArgument = pathArgument(call.number());
    String path = ProcessMemory.readPath(call.tid(), call.argument(pathArgument));
    if (path == null && ProcessMemory.isForbidden(call.tid())) {
      Messages.warn(
          ("the memory of process %d is closed to swtdx, so that it does not find /dev/kvm: it is"
                  + " not dumpable, or kernel.yama.ptrace_scope is above 1")
              .formatted(call.tid()));
    }
    int folder = pathArgument == 0 ? Syscall.AT_FDCWD : call.intArgument(pathArgument - 1);
    if (path == null || path.isEmpty() || how == null) {
      call.letThrough();
      return;
    }
    if (CpuInfo.isOpened(call, path, how)) {
      CpuInfo.open(call, how.closesOnExec());
      return;
    }
    Optional<ProbedPaths.Found> found = paths.find(call.tid(), path, folder, how);
    if (found.isEmpty()) {
      call.letThrough();
    } else if (path.endsWith("/") && !(found.get() instanceof ProbedPaths.Folder)) {
      call.answer(-Syscall.ENOTDIR);
    } else {
      call.answer(result(call, found.get(), how));
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

  private long result(Call call, ProbedPaths.Found found, OpenHow how) {
    if (found instanceof ProbedPaths.Absent) {
      return -Syscall.ENOENT;
    }
    return switch (call.number()) {
      case Syscall.OPEN, Syscall.OPENAT, Syscall.OPENAT2 -> open(call, found, how);
      case Syscall.STAT, Syscall.LSTAT -> status.stat(call, found, call.argument(1));
      case Syscall.NEWFSTATAT -> status.stat(call, found, call.argument(2));
      case Syscall.STATX -> status.statx(call, found, call.argument(4));
      case Syscall.READLINK, Syscall.READLINKAT -> -Syscall.EINVAL; // no symbolic link
      case Syscall.GETXATTR, Syscall.LGETXATTR -> -Syscall.ENODATA;
      case Syscall.LISTXATTR, Syscall.LLISTXATTR -> 0;
      case Syscall.ACCESS -> access(found, call.intArgument(1));
      default -> access(found, call.intArgument(2));
    };
  }

  private long open(Call call, ProbedPaths.Found found, OpenHow how) {
    if (how.wantsNew()) {
      return -Syscall.EEXIST;
    }
    return switch (found) {
      case ProbedPaths.Folder folder ->
          how.writes() ? -Syscall.EISDIR : openPlaced(call, folder, how);
      case ProbedPaths.Parameter parameter -> {
        if (how.wantsFolder()) {
          yield -Syscall.ENOTDIR;
        }
        yield how.writes() ? -Syscall.EACCES : openPlaced(call, parameter, how);
      }
      case ProbedPaths.Device _ ->
          how.wantsFolder() ? -Syscall.ENOTDIR : device.open(call, how.closesOnExec());
      case ProbedPaths.Absent _ -> -Syscall.ENOENT;
    };
  }

  private long openPlaced(Call call, ProbedPaths.Placed placed, OpenHow how) {
    try {
      return modules.open(call, placed, how.closesOnExec());
    } catch (IOException e) {
      Messages.warn("%s cannot be shown: %s".formatted(placed.path(), e.getMessage()));
      return -Syscall.ENOENT;
    }
  }

  /** Everybody may read and write the device, and read the rest. */
  private static long access(ProbedPaths.Found found, int mode) {
    if ((mode & ~ACCESS_BITS) != 0) {
      return -Syscall.EINVAL;
    }
    int denied =
        switch (found) {
          case ProbedPaths.Device _ -> X_OK;
          case ProbedPaths.Folder _ -> W_OK;
          case ProbedPaths.Parameter _, ProbedPaths.Absent _ -> W_OK | X_OK;
        };
    return (mode & denied) == 0 ? 0 : -Syscall.EACCES;
  }

  /** Answers getdents64(2), or lets it through. */
  void list(Call call, Tasks tasks) {
    FileId file = modules.isEmpty() ? null : tasks.file(call.tid(), call.intArgument(0));
    ProbedPaths.Folder folder = file == null ? null : modules.folder(file);
    Integer pid = folder == null ? null : tasks.process(call.tid());
    if (folder == null || pid == null) {
      call.letThrough();
    } else {
      modules.list(call, pid, folder);
    }
  }

  @Override
  public void close() {
    modules.close();
  }
}
