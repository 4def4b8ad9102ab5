package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Wakes a thread that waits in poll(2) (eventfd(2)). After {@link #close} nothing happens. */
public final class WakeUp implements AutoCloseable {
  private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;

  private final int fd = (int) Syscall.call(Syscall.EVENTFD2, 0, EFD_NONBLOCK_CLOEXEC);
  private boolean closed;

  /** The descriptor to wait for: readable after {@link #signal}. */
  public int fd() {
    return fd;
  }

  /** Wakes the waiting thread, or the next one to wait. */
  public synchronized void signal() {
    if (!closed) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
        Syscall.call(Syscall.WRITE, fd, one.address(), Long.BYTES);
      }
    }
  }

  /** Takes note of the signals so far. */
  public synchronized void clear() {
    if (!closed) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment count = arena.allocate(Long.BYTES, 8);
        Syscall.call(Syscall.READ, fd, count.address(), Long.BYTES);
      }
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      Syscall.call(Syscall.CLOSE, fd);
    }
  }
}
