package org.swtdx.exec.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Counts eventfds of a program up and takes their counts as KVM in the kernel does: without ever
 * waiting, whatever the program does with them (eventfd(2)). write(2) would wait while a counter is
 * full, and read(2) when somebody else was first. So a count goes up by the end of an asynchronous
 * read of nothing (io_submit(2)), which adds 1 to the eventfd that it names.
 */
public final class EventFds {
  private static final int RESULTS = 64;
  private static final int RESULT_SIZE = 32;
  private static final int REQUEST_SIZE = 64;
  private static final int VECTOR_SIZE = 16;
  private static final short COMMAND_PREAD = 0;
  private static final int FLAG_RESFD = 1;
  private static final int RWF_NOWAIT = 8;
  private static final int O_CLOEXEC = 0x80000;

  /** Where results of asynchronous reads go; none when the kernel has no such reads. */
  private static final long CONTEXT = context();

  private static final int NOTHING = Syscall.open("/dev/null", O_CLOEXEC);

  private static final ThreadLocal<Buffers> BUFFERS = ThreadLocal.withInitial(Buffers::new);

  /** What one thread hands to the kernel. */
  private static final class Buffers {
    final Arena arena = Arena.ofAuto();
    final MemorySegment request = arena.allocate(REQUEST_SIZE, 8);
    final MemorySegment list = arena.allocateFrom(ValueLayout.JAVA_LONG, request.address());
    final MemorySegment results = arena.allocate((long) RESULTS * RESULT_SIZE, 8);
    final MemorySegment count = arena.allocate(Long.BYTES, 8);
    final MemorySegment vector = arena.allocate(VECTOR_SIZE, 8);

    Buffers() {
      request.set(ValueLayout.JAVA_SHORT, 16, COMMAND_PREAD);
      request.set(ValueLayout.JAVA_INT, 20, NOTHING);
      request.set(ValueLayout.JAVA_INT, 56, FLAG_RESFD);
      vector.set(ValueLayout.JAVA_LONG, 0, count.address());
      vector.set(ValueLayout.JAVA_LONG, 8, Long.BYTES);
    }
  }

  private EventFds() {}

  private static long context() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = arena.allocate(Long.BYTES, 8);
      return Syscall.call(Syscall.IO_SETUP, 2 * RESULTS, context.address()) < 0
          ? 0
          : context.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Adds 1 to a counter; a full one becomes what the kernel calls overflown. */
  public static void signal(int eventFd) {
    if (CONTEXT == 0) {
      writeUnlessFull(eventFd);
      return;
    }
    Buffers buffers = BUFFERS.get();
    buffers.request.set(ValueLayout.JAVA_INT, 60, eventFd);
    while (submit(buffers) == -Syscall.EAGAIN) {
      // No room for another result. Nobody wants them.
      Syscall.call(Syscall.IO_GETEVENTS, CONTEXT, 0, RESULTS, buffers.results.address());
    }
  }

  private static long submit(Buffers buffers) {
    return Syscall.call(Syscall.IO_SUBMIT, CONTEXT, 1, buffers.list.address());
  }

  /** The same where asynchronous reads are lacking. Waits if others fill it at that moment. */
  static void writeUnlessFull(int eventFd) {
    if ((Poll.events(eventFd, Poll.OUT, 0) & Poll.OUT) != 0) {
      MemorySegment count = BUFFERS.get().count;
      count.set(ValueLayout.JAVA_LONG, 0, 1);
      Syscall.call(Syscall.WRITE, eventFd, count.address(), Long.BYTES);
    }
  }

  /** Takes what a counter has, or 1 of it as its flags say; false when it has nothing. */
  public static boolean take(int eventFd) {
    MemorySegment vector = BUFFERS.get().vector;
    return Syscall.call(Syscall.PREADV2, eventFd, vector.address(), 1, -1, -1, RWF_NOWAIT)
        == Long.BYTES;
  }
}
