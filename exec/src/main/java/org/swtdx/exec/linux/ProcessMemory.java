package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Copies to and from the memory of another process (process_vm_readv(2)). */
public final class ProcessMemory {
  private static final int IOVEC = 16;
  private static final int PAGE = 4096;
  private static final int PATH_MAX = 4096;
  private static final int O_CLOEXEC = 0x80000;

  private ProcessMemory() {}

  /** Copies from address {@code from} of task {@code tid}; whether all of it could be read. */
  public static boolean read(int tid, long from, MemorySegment into) {
    return transfer(Syscall.PROCESS_VM_READV, tid, from, into);
  }

  /** Copies to address {@code to} of task {@code tid}; whether all of it could be written. */
  public static boolean write(int tid, long to, MemorySegment from) {
    return transfer(Syscall.PROCESS_VM_WRITEV, tid, to, from);
  }

  /**
   * Copies from address {@code from} of a stopped task that this thread traces, also what the task
   * itself may not read (proc_pid_mem(5)); whether all of it could be read.
   */
  static boolean readAny(int tid, long from, MemorySegment into) {
    if (read(tid, from, into)) {
      return true;
    }
    int memory = Syscall.open("/proc/" + tid + "/mem", O_CLOEXEC);
    long length = into.byteSize();
    long done = 0;
    for (long part = 1; part > 0 && done < length; done += Math.max(0, part)) {
      part =
          Syscall.call(Syscall.PREAD64, memory, into.address() + done, length - done, from + done);
    }
    Syscall.call(Syscall.CLOSE, memory);
    return done == length;
  }

  /** Whether the kernel does not let this process reach the memory of a task. */
  public static boolean isForbidden(int tid) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = arena.allocate(2L * IOVEC + 1, 8);
      vectors.set(ValueLayout.JAVA_LONG, 0, vectors.address() + 2 * IOVEC);
      vectors.set(ValueLayout.JAVA_LONG, 8, 1);
      vectors.set(ValueLayout.JAVA_LONG, 16, PAGE);
      vectors.set(ValueLayout.JAVA_LONG, 24, 1);
      long result =
          Syscall.call(
              Syscall.PROCESS_VM_READV, tid, vectors.address(), 1, vectors.address() + IOVEC, 1, 0);
      return result == -Syscall.EPERM;
    }
  }

  private static boolean transfer(int number, int tid, long remote, MemorySegment local) {
    long length = local.byteSize();
    if (length == 0) {
      return true;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment vectors = arena.allocate(2L * IOVEC, 8);
      for (long done = 0; done < length; ) {
        vectors.set(ValueLayout.JAVA_LONG, 0, local.address() + done);
        vectors.set(ValueLayout.JAVA_LONG, 8, length - done);
        vectors.set(ValueLayout.JAVA_LONG, 16, remote + done);
        vectors.set(ValueLayout.JAVA_LONG, 24, length - done);
        long moved =
            Syscall.call(number, tid, vectors.address(), 1, vectors.address() + IOVEC, 1, 0);
        if (moved <= 0) {
          return false;
        }
        done += moved;
      }
      return true;
    }
  }

  /**
   * Reads a path of another task: a string that ends within {@code PATH_MAX}, one character for
   * each byte; null if there is none.
   */
  public static @Nullable String readPath(int tid, long from) {
    byte[] path = new byte[PATH_MAX];
    int length = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(PAGE, 8);
      while (length < PATH_MAX) {
        int part = (int) Math.min(PATH_MAX - length, PAGE - (from + length & PAGE - 1));
        if (!read(tid, from + length, page.asSlice(0, part))) {
          return null;
        }
        for (int i = 0; i < part; i++) {
          byte b = page.get(ValueLayout.JAVA_BYTE, i);
          if (b == 0) {
            return new String(path, 0, length, StandardCharsets.ISO_8859_1);
          }
          path[length++] = b;
        }
      }
    }
    return null;
  }
}
