package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.Syscall;

/** Where the paths in a program's calls lead, as far as it is to one of {@link ProbedPaths}. */
final class ProgramPaths {
  private static final int O_PATH_DIRECTORY_CLOEXEC = 0x290000;
  private static final int HOW_SIZE = 24;
  private static final int MOST_LINKS = 40;
  private static final int PATH_MAX = 4096;

  private final ModuleTree modules;

  /** With the folders that programs may have open. */
  ProgramPaths(ModuleTree modules) {
    this.modules = modules;
  }

  /**
   * What a path leads to.
   *
   * @param folder descriptor of the folder that a relative path starts from, or AT_FDCWD
   * @param how it is opened; for other calls as by {@code open} for reading
   */
  Optional<ProbedPaths.Found> find(int tid, String path, int folder, OpenHow how) {
    if (how.has(OpenHow.IN_ROOT | OpenHow.BENEATH | OpenHow.NO_XDEV)) {
      return findWithin(tid, path, folder, how);
    }
    String from = path.startsWith("/") ? "" : start(tid, path, folder);
    Optional<ProbedPaths.Found> found =
        from == null ? Optional.empty() : ProbedPaths.find(from + "/" + path);
    return found.isEmpty() && how.mayFollowToDevice() ? follow(tid, path, folder) : found;
  }

  /** Finds a path that is not to leave a folder, or the file system that it starts in. */
  private Optional<ProbedPaths.Found> findWithin(int tid, String path, int folder, OpenHow how) {
    if (path.startsWith("/") && !how.has(OpenHow.IN_ROOT)) {
      return Optional.empty(); // EXDEV, or ENOENT if it is ours: the kernel says which
    }
    String start = folder(tid, folder);
    if (start == null) {
      return Optional.empty();
    }
    String below = how.has(OpenHow.IN_ROOT) ? ProbedPaths.normalized(path) : "/" + path;
    String whole = ProbedPaths.normalized(start + below);
    boolean leaves =
        how.has(OpenHow.BENEATH) && !whole.startsWith(start.endsWith("/") ? start : start + "/")
            || how.has(OpenHow.NO_XDEV) && crosses(start, whole);
    return leaves ? Optional.empty() : ProbedPaths.find(whole);
  }

  /** Whether a path of ours is on another file system than the folder that it was found from. */
  private static boolean crosses(String start, String whole) {
    String root = whole.startsWith("/dev/") ? "/dev" : "/sys";
    return !start.equals(root) && !start.startsWith(root + "/");
  }

  /** The folder that a relative path starts from, if the path may be one of ours; else null. */
  private @Nullable String start(int tid, String path, int folder) {
    return path.contains("kvm") || !modules.isEmpty() ? folder(tid, folder) : null;
  }

  /** The path of a folder as the program sees it; null when there is none. */
  private @Nullable String folder(int tid, int fd) {
    String link = "/proc/" + tid + (fd == Syscall.AT_FDCWD ? "/cwd" : "/fd/" + fd);
    if (!modules.isEmpty()) {
      FileId id = FileId.ofPath(link);
      ProbedPaths.Folder ours = id == null ? null : modules.folder(id);
      if (ours != null) {
        return ours.path();
      }
    }
    String path = readLink(Syscall.AT_FDCWD, link);
    return path == null || !path.startsWith("/") ? null : inRoot(tid, path);
  }

  /** A path of ours as one of the program's, which may have another root. */
  private static String inRoot(int tid, String path) {
    String root = readLink(Syscall.AT_FDCWD, "/proc/" + tid + "/root");
    return root != null && path.startsWith(root + "/") ? path.substring(root.length()) : path;
  }

  /** Follows symbolic links as the kernel would do that found the device at their end. */
  private Optional<ProbedPaths.Found> follow(int tid, String path, int folder) {
    String text = path;
    if (!path.startsWith("/")) {
      String start = folder(tid, folder);
      text = start + "/" + path;
      if (start == null) {
        return Optional.empty();
      }
    }
    // Most files are no links. (In another root, a link behind an absolute link is not found.)
    if (!text.endsWith("/kvm")
        && readLink(Syscall.AT_FDCWD, "/proc/" + tid + "/root" + text) == null) {
      return Optional.empty();
    }
    int root = Syscall.open("/proc/" + tid + "/root", O_PATH_DIRECTORY_CLOEXEC);
    try {
      for (int links = 0; links < MOST_LINKS && !text.startsWith("/proc/"); links++) {
        int slash = text.lastIndexOf('/');
        String name = text.substring(slash + 1);
        int parent = openIn(root, text.substring(0, slash + 1));
        try {
          String real = readLink(Syscall.AT_FDCWD, "/proc/self/fd/" + parent);
          if (real == null || name.isEmpty() || name.equals(".") || name.equals("..")) {
            return Optional.empty();
          }
          String at = inRoot(tid, real);
          if (ProbedPaths.find(at + "/" + name).orElse(null) instanceof ProbedPaths.Device kvm) {
            return Optional.of(kvm);
          }
          String target = readLink(parent, name);
          if (target == null) {
            return Optional.empty();
          }
          text = target.startsWith("/") ? target : at + "/" + target;
        } finally {
          Syscall.call(Syscall.CLOSE, parent);
        }
      }
      return Optional.empty();
    } finally {
      Syscall.call(Syscall.CLOSE, root);
    }
  }

  /** Opens a folder by a path that starts at a root, whatever links it has. */
  private static int openIn(int root, String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path, StandardCharsets.ISO_8859_1);
      MemorySegment how = arena.allocate(HOW_SIZE, 8);
      how.set(ValueLayout.JAVA_LONG, 0, O_PATH_DIRECTORY_CLOEXEC);
      how.set(ValueLayout.JAVA_LONG, 16, OpenHow.IN_ROOT);
      return (int) Syscall.call(Syscall.OPENAT2, root, name.address(), how.address(), HOW_SIZE);
    }
  }

  private static @Nullable String readLink(int folder, String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path, StandardCharsets.ISO_8859_1);
      MemorySegment target = arena.allocate(PATH_MAX);
      long length =
          Syscall.call(Syscall.READLINKAT, folder, name.address(), target.address(), PATH_MAX);
      return length < 0
          ? null
          : new String(
              target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE),
              StandardCharsets.ISO_8859_1);
    }
  }
}
