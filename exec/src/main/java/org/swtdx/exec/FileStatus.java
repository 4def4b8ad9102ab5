package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.swtdx.exec.linux.FileId;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.Syscall;

/** What stat(2) and statx(2) say of {@link ProbedPaths}. */
final class FileStatus {
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFDIR = 0x4000;
  private static final int S_IFREG = 0x8000;
  private static final int KVM_MAJOR = 10;
  private static final int KVM_MINOR = 232;
  private static final int STAT_SIZE = 144;
  private static final int STATX_SIZE = 256;
  private static final int STATX_BASIC = 0x7ff;
  private static final int BLOCK = 4096;

  /** The device has the number that a file system in memory gives to its first file. */
  private static final FileId DEVICE = new FileId(0, 1);

  private final ModuleTree modules;

  FileStatus(ModuleTree modules) {
    this.modules = modules;
  }

  /** Writes a {@code struct stat}: 0 or a negative error number. */
  long stat(Call call, ProbedPaths.Found found, long target) {
    try (Arena arena = Arena.ofConfined()) {
      FileId id = id(found);
      MemorySegment stat = arena.allocate(STAT_SIZE, 8);
      stat.set(ValueLayout.JAVA_LONG, 0, id.device());
      stat.set(ValueLayout.JAVA_LONG, 8, id.inode());
      stat.set(ValueLayout.JAVA_LONG, 16, links(found));
      stat.set(ValueLayout.JAVA_INT, 24, mode(found));
      if (found instanceof ProbedPaths.Device) {
        stat.set(ValueLayout.JAVA_LONG, 40, KVM_MAJOR << 8 | KVM_MINOR); // st_rdev
      }
      stat.set(ValueLayout.JAVA_LONG, 48, size(found));
      stat.set(ValueLayout.JAVA_LONG, 56, BLOCK);
      return written(call, target, stat);
    } catch (IOException e) {
      return cannotBeShown(e);
    }
  }

  /** Writes a {@code struct statx}: 0 or a negative error number. */
  long statx(Call call, ProbedPaths.Found found, long target) {
    try (Arena arena = Arena.ofConfined()) {
      FileId id = id(found);
      MemorySegment statx = arena.allocate(STATX_SIZE, 8);
      statx.set(ValueLayout.JAVA_INT, 0, STATX_BASIC);
      statx.set(ValueLayout.JAVA_INT, 4, BLOCK);
      statx.set(ValueLayout.JAVA_INT, 16, links(found));
      statx.set(ValueLayout.JAVA_SHORT, 28, (short) mode(found));
      statx.set(ValueLayout.JAVA_LONG, 32, id.inode());
      statx.set(ValueLayout.JAVA_LONG, 40, size(found));
      if (found instanceof ProbedPaths.Device) {
        statx.set(ValueLayout.JAVA_INT, 128, KVM_MAJOR);
        statx.set(ValueLayout.JAVA_INT, 132, KVM_MINOR);
      }
      statx.set(ValueLayout.JAVA_INT, 136, major(id.device()));
      statx.set(ValueLayout.JAVA_INT, 140, minor(id.device()));
      return written(call, target, statx);
    } catch (IOException e) {
      return cannotBeShown(e);
    }
  }

  private static long written(Call call, long target, MemorySegment status) {
    return ProcessMemory.write(call.tid(), target, status) ? 0 : -Syscall.EFAULT;
  }

  private static long cannotBeShown(IOException e) {
    Messages.warn("a module of KVM's cannot be shown: %s".formatted(e.getMessage()));
    return -Syscall.ENOENT;
  }

  /** As fstat(2) of what the path opens: programs compare. The device's is a file of each open. */
  private FileId id(ProbedPaths.Found found) throws IOException {
    return found instanceof ProbedPaths.Placed placed ? modules.id(placed) : DEVICE;
  }

  private static int mode(ProbedPaths.Found found) {
    return switch (found) {
      case ProbedPaths.Device _ -> S_IFCHR | 0666;
      case ProbedPaths.Folder _ -> S_IFDIR | 0755;
      case ProbedPaths.Parameter _, ProbedPaths.Absent _ -> S_IFREG | 0444;
    };
  }

  private static int links(ProbedPaths.Found found) {
    return found instanceof ProbedPaths.Folder ? 2 : 1;
  }

  private static long size(ProbedPaths.Found found) {
    return found instanceof ProbedPaths.Parameter ? BLOCK : 0;
  }

  // How the kernel packs a device number for user space (linux/kdev_t.h).
  private static int major(long device) {
    return (int) (device >>> 8 & 0xfff);
  }

  private static int minor(long device) {
    return (int) (device & 0xff | device >>> 12 & 0xfff00);
  }
}
