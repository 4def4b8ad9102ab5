package org.swtdx.exec.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells when the last descriptor of a {@link NamelessFile} in any process, and the last mapping
 * made through one, is gone (inotify(7)). A daemon thread of its own runs the notices, one after
 * another.
 */
public final class CloseWatch implements AutoCloseable {
  private static final int IN_CLOEXEC = 0x80000;
  private static final int IN_CLOSE_WRITE = 8;
  private static final int IN_CLOSE_NOWRITE = 0x10;
  private static final int IN_OPEN = 0x20;
  private static final int IN_IGNORED = 0x8000;
  private static final int BUFFER = 1 << 14;
  private static final int EVENT = 16;

  private static final class Watched {
    final Runnable gone;
    int openFiles = 1;

    Watched(Runnable gone) {
      this.gone = gone;
    }
  }

  private final int fd;
  private final Map<Integer, Watched> watched = new ConcurrentHashMap<>();
  private final WakeUp wakeUp = new WakeUp();
  private volatile boolean closed;

  public CloseWatch() throws IOException {
    long result = Syscall.call(Syscall.INOTIFY_INIT1, IN_CLOEXEC);
    if (result < 0) {
      wakeUp.close();
      throw new IOException(
          "inotify is not available (error "
              + -result
              + "); see /proc/sys/fs/inotify/max_user_instances");
    }
    fd = (int) result;
    Thread.ofPlatform().daemon().name("swtdx-closed-files").start(this::readEvents);
  }

  /**
   * Watches a file whose one open file the program is about to get.
   *
   * @return ends the watch without a notice when run
   */
  public Runnable watch(NamelessFile file, Runnable gone) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom("/proc/self/fd/" + file.ours());
      synchronized (this) {
        if (closed) {
          throw new IOException("files are no longer watched");
        }
        long watch =
            Syscall.call(
                Syscall.INOTIFY_ADD_WATCH,
                fd,
                path.address(),
                IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE);
        if (watch < 0) {
          throw new IOException(
              "a file cannot be watched (error "
                  + -watch
                  + "); see /proc/sys/fs/inotify/max_user_watches");
        }
        watched.put((int) watch, new Watched(gone));
        return () -> forget((int) watch);
      }
    }
  }

  private void forget(int watch) {
    watched.remove(watch);
    synchronized (this) {
      if (!closed) {
        Syscall.call(Syscall.INOTIFY_RM_WATCH, fd, watch);
      }
    }
  }

  private void readEvents() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER, 8);
      Poll poll = new Poll(arena, 2).set(0, fd, Poll.IN).set(1, wakeUp.fd(), Poll.IN);
      while (!closed) {
        if (poll.await(-1) && poll.events(0) != 0) {
          readInto(buffer);
        }
      }
    }
    synchronized (this) {
      Syscall.call(Syscall.CLOSE, fd);
    }
    wakeUp.close();
  }

  private void readInto(MemorySegment buffer) {
    long read = Syscall.call(Syscall.READ, fd, buffer.address(), BUFFER);
    for (long at = 0; at + EVENT <= read; ) {
      event(buffer.get(ValueLayout.JAVA_INT, at), buffer.get(ValueLayout.JAVA_INT, at + 4));
      at += EVENT + buffer.get(ValueLayout.JAVA_INT, at + 12);
    }
  }

  private void event(int watch, int mask) {
    Watched file;
    synchronized (this) {
      file = watched.get(watch);
    }
    if (file == null || (mask & IN_IGNORED) != 0) {
      return;
    }
    if ((mask & IN_OPEN) != 0) {
      file.openFiles++;
    }
    if ((mask & (IN_CLOSE_WRITE | IN_CLOSE_NOWRITE)) != 0 && --file.openFiles == 0) {
      watched.remove(watch);
      file.gone.run();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    wakeUp.signal();
  }
}
