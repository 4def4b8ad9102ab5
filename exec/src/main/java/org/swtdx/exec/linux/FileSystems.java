package org.swtdx.exec.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Kinds of file systems, without asking a file system itself ({@code /proc/PID/mountinfo}). Some
 * are served by other programs or machines: a thread that touches a page of theirs waits for as
 * long as those like.
 */
final class FileSystems {
  private static final Set<String> SERVED =
      Set.of(
          "9p",
          "afs",
          "ceph",
          "cifs",
          "coda",
          "fuse",
          "fuseblk",
          "lustre",
          "nfs",
          "nfs4",
          "orangefs",
          "smb3",
          "virtiofs");

  /** Here stat(2) may tell another device than a mapping does. */
  private static final Set<String> WITH_DEVICES_OF_THEIR_OWN =
      Set.of("bcachefs", "btrfs", "overlay", "zfs");

  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_HUGETLB = 4;
  private static final int[] HUGE_PAGES = {0, 21 << 26, 30 << 26};

  /** What memfds are in, and shared anonymous memory: mounted nowhere. */
  private static final Set<Long> MEMORY = memory();

  private FileSystems() {}

  private static Set<Long> memory() {
    Set<Long> devices = new HashSet<>();
    addMemory(MFD_CLOEXEC, devices);
    for (int size : HUGE_PAGES) {
      addMemory(MFD_CLOEXEC | MFD_HUGETLB | size, devices);
    }
    return devices;
  }

  private static void addMemory(int flags, Set<Long> devices) {
    int fd = NamelessFile.memory(flags);
    FileId id = fd < 0 ? null : FileId.ofDescriptor(fd);
    Syscall.call(Syscall.CLOSE, fd);
    if (id != null) {
      devices.add(id.device());
    }
  }

  /** Whether others serve a file system, or nobody knows what it is, for all that a task sees. */
  static boolean areServed(int tid, long device) {
    if (MEMORY.contains(device)) {
      return false;
    }
    String type = type(tid, device);
    return type == null || SERVED.contains(type);
  }

  /** Whether a descriptor may seem to be of another device than a mapping of the same file. */
  static boolean mayHaveOtherDevices(int tid, long device) {
    String type = MEMORY.contains(device) ? null : type(tid, device);
    return type != null && WITH_DEVICES_OF_THEIR_OWN.contains(type);
  }

  /** The kind of a file system that is mounted where a task sees it, or we. */
  private static @Nullable String type(int tid, long device) {
    String there = type(Path.of("/proc/" + tid + "/mountinfo"), device);
    return there != null ? there : type(Path.of("/proc/self/mountinfo"), device);
  }

  private static @Nullable String type(Path mounts, long device) {
    try {
      for (String line : Files.readAllLines(mounts, StandardCharsets.ISO_8859_1)) {
        String type = type(line, device);
        if (type != null) {
          return type;
        }
      }
    } catch (IOException e) {
      return null; // the task has ended
    }
    return null;
  }

  /** The kind of a file system in a line of mountinfo, without a subtype, if it has the device. */
  static @Nullable String type(String line, long device) {
    String[] fields = line.split(" ", -1);
    int colon = fields.length < 3 ? -1 : fields[2].indexOf(':');
    int dash = line.indexOf(" - ");
    if (colon < 0 || dash < 0) {
      return null;
    }
    int major = Integer.parseInt(fields[2], 0, colon, 10);
    int minor = Integer.parseInt(fields[2], colon + 1, fields[2].length(), 10);
    if (FileId.device(major, minor) != device) {
      return null;
    }
    String type = line.substring(dash + 3).split(" ", 2)[0];
    int dot = type.indexOf('.');
    return dot < 0 ? type : type.substring(0, dot);
  }
}
