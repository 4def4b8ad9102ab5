package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Which file a descriptor refers to, whatever its number and however it was come by.
 *
 * @param device {@code st_dev}
 * @param inode {@code st_ino}
 */
public record FileId(long device, long inode) {
  private static final int STATX_SIZE = 256;
  private static final int STATX_INO = 0x100;
  private static final int AT_EMPTY_PATH = 0x1000;

  /** A file system that others serve is not asked: it might not answer. */
  private static final int AT_STATX_DONT_SYNC = 0x4000;

  private static final int NUMBER_SIZE = 16;

  /** Room for a result and the name of a number. */
  private static final ThreadLocal<MemorySegment> BUFFER =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(STATX_SIZE + NUMBER_SIZE, 8));

  /** The file of a descriptor of ours; null when it is not open. */
  public static @Nullable FileId ofDescriptor(int fd) {
    return stat(fd, "", AT_EMPTY_PATH);
  }

  /** The file of a descriptor of another task; null when it is not open, or cannot be seen. */
  public static @Nullable FileId ofDescriptor(int tid, int fd) {
    return fd < 0 ? null : ofPath("/proc/" + tid + "/fd/" + fd);
  }

  /** The file that a path of ours leads to; null when there is none, or it cannot be seen. */
  public static @Nullable FileId ofPath(String path) {
    return stat(Syscall.AT_FDCWD, path, 0);
  }

  /** The file of a descriptor in a folder of descriptors in /proc; null when there is none. */
  static @Nullable FileId inFolder(int folder, int fd) {
    if (fd < 0) {
      return null;
    }
    MemorySegment buffer = BUFFER.get();
    int length = fd < 10 ? 1 : Integer.toString(fd).length();
    buffer.set(ValueLayout.JAVA_BYTE, STATX_SIZE + length, (byte) 0);
    for (int i = STATX_SIZE + length - 1, rest = fd; i >= STATX_SIZE; i--, rest /= 10) {
      buffer.set(ValueLayout.JAVA_BYTE, i, (byte) ('0' + rest % 10));
    }
    return stat(folder, buffer.asSlice(STATX_SIZE), buffer, 0);
  }

  private static @Nullable FileId stat(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      return stat(fd, arena.allocateFrom(path), arena.allocate(STATX_SIZE, 8), flags);
    }
  }

  private static @Nullable FileId stat(int fd, MemorySegment path, MemorySegment statx, int flags) {
    long result =
        Syscall.call(
            Syscall.STATX,
            fd,
            path.address(),
            flags | AT_STATX_DONT_SYNC,
            STATX_INO,
            statx.address(),
            0);
    return result < 0
        ? null
        : new FileId(
            device(statx.get(ValueLayout.JAVA_INT, 136), statx.get(ValueLayout.JAVA_INT, 140)),
            statx.get(ValueLayout.JAVA_LONG, 32));
  }

  /** The number of a device as stat(2) tells it. */
  static long device(int major, int minor) {
    return minor & 0xffL | (long) major << 8 | (long) (minor & ~0xff) << 12;
  }
}
