package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The supervisor's end of a seccomp filter with user notification (seccomp_unotify(2)): receives
 * system calls of the filtered tasks and answers them. Any number of threads may receive.
 */
public final class SeccompListener implements AutoCloseable {
  private static final long RECV = 0xc0502100L;
  private static final long SEND = 0xc0182101L;
  private static final long ID_VALID = 0x40082102L;
  private static final long ADDFD = 0x40182103L;
  private static final long SET_FLAGS = 0x40082104L;
  private static final int SYNC_WAKE_UP = 1;
  private static final int FLAG_CONTINUE = 1;
  private static final int O_CLOEXEC = 0x80000;
  private static final int SET_MODE_FILTER = 1;
  private static final int FILTER_FLAG_NEW_LISTENER = 8;
  private static final int FILTER_FLAG_WAIT_KILLABLE_RECV = 32;
  private static final int PR_SET_NO_NEW_PRIVS = 38;

  private static final ThreadLocal<MemorySegment> RESPONSE =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(24, 8));

  private final int fd;

  /** Whether a descriptor is a listener. */
  public static boolean isListener(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cookie = arena.allocate(Long.BYTES, 8);
      return Syscall.call(Syscall.IOCTL, fd, ID_VALID, cookie.address()) == -Syscall.ENOENT;
    }
  }

  /** Wraps a descriptor that the kernel gave out as a listener. */
  public SeccompListener(int fd) {
    this.fd = fd;
    // Handing over on the same processor halves the round trip; kernels before 6.6 lack it.
    Syscall.call(Syscall.IOCTL, fd, SET_FLAGS, SYNC_WAKE_UP);
  }

  /**
   * Puts a filter on the calling thread, for good, and returns the listener's descriptor or a
   * negative error number: -EBUSY when an outer filter has a listener already, -EINVAL or -ENOSYS
   * when the kernel has no notification. Where the kernel can (Linux 5.19), no signal but a deadly
   * one ends a call that was received: otherwise an answer may reach a caller that a signal has
   * just sent away, and nobody would know.
   */
  public static int install(Bpf filter) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment program = arena.allocate(16, 8);
      program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length());
      program.set(ValueLayout.JAVA_LONG, 8, filter.assemble(arena).address());
      long refused = Syscall.call(Syscall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
      if (refused < 0) {
        return (int) refused;
      }
      int flags = FILTER_FLAG_NEW_LISTENER | FILTER_FLAG_WAIT_KILLABLE_RECV;
      long listener = Syscall.call(Syscall.SECCOMP, SET_MODE_FILTER, flags, program.address());
      if (listener == -Syscall.EINVAL) {
        flags = FILTER_FLAG_NEW_LISTENER;
        listener = Syscall.call(Syscall.SECCOMP, SET_MODE_FILTER, flags, program.address());
      }
      return (int) listener;
    }
  }

  /**
   * Waits for the next call: 0, or a negative error number: -ENOENT when the caller went away,
   * -EINTR when interrupted, another when nothing can be received any more.
   */
  public int receive(Notification into) {
    into.clear();
    return (int) Syscall.call(Syscall.IOCTL, fd, RECV, into.address());
  }

  /** Waits for the end of the last filtered task; whether it came. */
  public boolean hasHungUp(int millis) {
    return (Poll.events(fd, 0, millis) & Poll.HUP) != 0;
  }

  /** Whether the caller still waits. */
  public boolean isValid(long id) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment cookie = arena.allocateFrom(ValueLayout.JAVA_LONG, id);
      return Syscall.call(Syscall.IOCTL, fd, ID_VALID, cookie.address()) == 0;
    }
  }

  /** Ends the call with a result or a negative error number; false when the caller went away. */
  public boolean answer(long id, long result) {
    return send(id, result < 0 ? 0 : result, result < 0 ? (int) result : 0, 0);
  }

  /** Lets the kernel carry out the call as if it had not been filtered. */
  public boolean letThrough(long id) {
    return send(id, 0, 0, FLAG_CONTINUE);
  }

  /** Whether a caller that was answered has not gone on yet. Not for calls without an answer. */
  public boolean isReturning(long id) {
    return response(id, 0, 0, 0) == -Syscall.EINPROGRESS;
  }

  private boolean send(long id, long value, int error, int flags) {
    return response(id, value, error, flags) == 0;
  }

  private int response(long id, long value, int error, int flags) {
    MemorySegment response = RESPONSE.get();
    response.set(ValueLayout.JAVA_LONG, 0, id);
    response.set(ValueLayout.JAVA_LONG, 8, value);
    response.set(ValueLayout.JAVA_INT, 16, error);
    response.set(ValueLayout.JAVA_INT, 20, flags);
    return (int) Syscall.call(Syscall.IOCTL, fd, SEND, response.address());
  }

  /**
   * Gives the caller a copy of a descriptor of ours.
   *
   * @return its number there, or a negative error number
   */
  public int addDescriptor(long id, int ours, boolean closeOnExec) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(24, 8);
      request.set(ValueLayout.JAVA_LONG, 0, id);
      request.set(ValueLayout.JAVA_INT, 12, ours);
      request.set(ValueLayout.JAVA_INT, 20, closeOnExec ? O_CLOEXEC : 0);
      return (int) Syscall.call(Syscall.IOCTL, fd, ADDFD, request.address());
    }
  }

  /** The descriptor: it hangs up with the last filtered task. */
  public int fd() {
    return fd;
  }

  /** Closes the descriptor: calls of the filtered tasks give ENOSYS. No thread may be using it. */
  @Override
  public void close() {
    Syscall.call(Syscall.CLOSE, fd);
  }

  /** A system call that waits for its answer; made once a thread and filled again and again. */
  public static final class Notification {
    private static final int SIZE = 80;

    private final MemorySegment bytes;

    public Notification(Arena arena) {
      bytes = arena.allocate(SIZE, 8);
    }

    private void clear() {
      bytes.fill((byte) 0);
    }

    private long address() {
      return bytes.address();
    }

    /** The cookie to answer with. */
    public long id() {
      return bytes.get(ValueLayout.JAVA_LONG, 0);
    }

    /** The thread that called, as seen from the listener's PID namespace. */
    public int tid() {
      return bytes.get(ValueLayout.JAVA_INT, 8);
    }

    /** Number of the system call. */
    public int number() {
      return bytes.get(ValueLayout.JAVA_INT, 16);
    }

    /** Argument 0 to 5. */
    public long argument(int index) {
      return bytes.get(ValueLayout.JAVA_LONG, 32 + 8L * index);
    }
  }
}
