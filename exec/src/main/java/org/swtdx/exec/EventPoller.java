package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.swtdx.exec.linux.Syscall;

/** One thread that waits for eventfds and consumes what is written to them. */
final class EventPoller implements AutoCloseable {
  private static final int EFD_NONBLOCK_CLOEXEC = 0x80800;
  private static final short POLLIN = 1;
  private static final int POLLFD = 8;

  private record Listener(int fd, Runnable action) {}

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final int wakeUp;
  private volatile boolean closed;

  EventPoller() {
    wakeUp = (int) Syscall.call(Syscall.EVENTFD2, 0, EFD_NONBLOCK_CLOEXEC);
    Thread.ofPlatform().daemon().name("swtdx-eventfds").start(this::poll);
  }

  /** Calls an action whenever an eventfd was written to; the result stops it. */
  Runnable add(int fd, Runnable action) {
    Listener listener = new Listener(fd, action);
    listeners.add(listener);
    wake();
    return () -> {
      synchronized (listener) {
        listeners.remove(listener);
      }
      wake();
    };
  }

  private void wake() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1);
      Syscall.call(Syscall.WRITE, wakeUp, one.address(), Long.BYTES);
    }
  }

  private void poll() {
    while (!closed) {
      try (Arena arena = Arena.ofConfined()) {
        List<Listener> waiting = new ArrayList<>(listeners);
        MemorySegment set = arena.allocate((waiting.size() + 1L) * POLLFD, 8);
        entry(set, 0, wakeUp);
        for (int i = 0; i < waiting.size(); i++) {
          entry(set, i + 1, waiting.get(i).fd);
        }
        Syscall.call(Syscall.POLL, set.address(), waiting.size() + 1, -1);
        MemorySegment counter = arena.allocate(Long.BYTES, 8);
        if (ready(set, 0)) {
          Syscall.call(Syscall.READ, wakeUp, counter.address(), Long.BYTES);
        }
        for (int i = 0; i < waiting.size(); i++) {
          if (ready(set, i + 1)) {
            notice(waiting.get(i), counter);
          }
        }
      }
    }
    Syscall.call(Syscall.CLOSE, wakeUp);
  }

  private void notice(Listener listener, MemorySegment counter) {
    synchronized (listener) {
      if (listeners.contains(listener)
          && Syscall.call(Syscall.READ, listener.fd, counter.address(), Long.BYTES) == Long.BYTES) {
        listener.action.run();
      }
    }
  }

  private static void entry(MemorySegment set, int index, int fd) {
    set.set(ValueLayout.JAVA_INT, (long) index * POLLFD, fd);
    set.set(ValueLayout.JAVA_SHORT, (long) index * POLLFD + 4, POLLIN);
  }

  private static boolean ready(MemorySegment set, int index) {
    return (set.get(ValueLayout.JAVA_SHORT, (long) index * POLLFD + 6) & POLLIN) != 0;
  }

  @Override
  public void close() {
    closed = true;
    wake();
  }
}
