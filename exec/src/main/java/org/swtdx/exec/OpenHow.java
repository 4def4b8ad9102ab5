package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.ProcessMemory;

/**
 * How a program opens a path: {@code struct open_how} (openat2(2)).
 *
 * @param flags {@code O_*}
 * @param resolve {@code RESOLVE_*}: how the path may lead there
 */
record OpenHow(int flags, int resolve) {
  static final int NO_XDEV = 1;
  static final int NO_SYMLINKS = 4;
  static final int BENEATH = 8;
  static final int IN_ROOT = 0x10;

  private static final int SIZE = 24;
  private static final int MOST_BYTES = 4096;
  private static final long MODE = 07777;
  private static final long FLAGS = 0x7fffff;
  private static final long RESOLVE = 0x3f;
  private static final int ACCESS_MODE = 3;
  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  private static final int O_CREAT = 0x40;
  private static final int O_EXCL = 0x80;
  private static final int O_TRUNC = 0x200;
  private static final int O_DIRECTORY = 0x10000;
  private static final int O_NOFOLLOW = 0x20000;
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;

  /** That of open(2) and openat(2). */
  static OpenHow of(int flags) {
    return new OpenHow(flags, 0);
  }

  /** That of openat2(2); null for one that the kernel refuses wherever the path leads. */
  static @Nullable OpenHow read(Call call) {
    long size = call.argument(3);
    if (size < SIZE || size > MOST_BYTES) {
      return null;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment how = arena.allocate(size, 8);
      MemorySegment later = how.asSlice(SIZE); // what a later Linux may have added
      if (!ProcessMemory.read(call.tid(), call.argument(2), how)
          || later.mismatch(arena.allocate(Math.max(1, size - SIZE)).asSlice(0, size - SIZE))
              >= 0) {
        return null;
      }
      long flags = how.get(ValueLayout.JAVA_LONG, 0);
      long mode = how.get(ValueLayout.JAVA_LONG, 8);
      long resolve = how.get(ValueLayout.JAVA_LONG, 16);
      boolean modeIsWrong = (flags & O_CREAT) == 0 ? mode != 0 : (mode & ~MODE) != 0;
      return modeIsWrong || (flags & ~FLAGS) != 0 || (resolve & ~RESOLVE) != 0
          ? null
          : new OpenHow((int) flags, (int) resolve);
    }
  }

  /** Whether the path may lead there in a way that has one of the properties. */
  boolean has(int properties) {
    return (resolve & properties) != 0;
  }

  boolean closesOnExec() {
    return (flags & O_CLOEXEC) != 0;
  }

  boolean wantsFolder() {
    return (flags & O_DIRECTORY) != 0;
  }

  boolean wantsNew() {
    return (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
  }

  /** Whether the content is to be written, or a file to be made. */
  boolean writes() {
    return (flags & O_PATH) == 0
        && ((flags & ACCESS_MODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0);
  }

  /** Whether a file is to be read that is there, wherever the path leads. */
  boolean readsPlainly() {
    int others = ACCESS_MODE | O_CREAT | O_TRUNC | O_DIRECTORY | O_PATH;
    return (flags & others) == O_RDONLY && resolve == 0;
  }

  /** Whether it is as users of KVM open the device, which may be by a link. */
  boolean mayFollowToDevice() {
    return (flags & (ACCESS_MODE | O_CREAT | O_NOFOLLOW | O_DIRECTORY | O_PATH)) == O_RDWR
        && resolve == 0;
  }
}
