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
  private static final int STAT_SIZE = 144;
  private static final int AT_EMPTY_PATH = 0x1000;

  /** The file of a descriptor of ours; null when it is not open. */
  public static @Nullable FileId ofDescriptor(int fd) {
    return stat(fd, "", AT_EMPTY_PATH);
  }

  /** The file of a descriptor of another task; null when it is not open, or cannot be seen. */
  public static @Nullable FileId ofDescriptor(int tid, int fd) {
    return fd < 0 ? null : stat(Syscall.AT_FDCWD, "/proc/" + tid + "/fd/" + fd, 0);
  }

  private static @Nullable FileId stat(int fd, String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stat = arena.allocate(STAT_SIZE, 8);
      MemorySegment name = arena.allocateFrom(path);
      long result = Syscall.call(Syscall.NEWFSTATAT, fd, name.address(), stat.address(), flags);
      return result < 0
          ? null
          : new FileId(stat.get(ValueLayout.JAVA_LONG, 0), stat.get(ValueLayout.JAVA_LONG, 8));
    }
  }
}
