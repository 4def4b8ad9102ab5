package org.swtdx.exec;

import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Syscall;

/**
 * The eventfds of a process that KVM uses: one object for each, whatever descriptor it is named by.
 * Our descriptor of one that KVM has let go of is closed when the next one is asked for.
 */
final class LentEventFds implements AutoCloseable {
  private static final Path EVENTFD = Path.of("anon_inode:[eventfd]");

  private static final class Known extends WeakReference<LentEventFd> {
    private final int fd;
    private final String identity;

    Known(LentEventFd eventFd, ReferenceQueue<LentEventFd> unused) {
      super(eventFd, unused);
      fd = eventFd.fd();
      identity = eventFd.identity();
    }
  }

  private final EventPoller poller;
  private final Map<String, Known> known = new HashMap<>();
  private final ReferenceQueue<LentEventFd> unused = new ReferenceQueue<>();

  LentEventFds(EventPoller poller) {
    this.poller = poller;
  }

  /** The eventfd behind a descriptor of a task of a process; null when it is none. */
  @Nullable LentEventFd of(int pid, int tid, int fd) {
    try {
      if (!Files.readSymbolicLink(Path.of("/proc/" + tid + "/fd/" + fd)).equals(EVENTFD)) {
        return null;
      }
      String identity =
          Files.readAllLines(Path.of("/proc/" + tid + "/fdinfo/" + fd)).stream()
              .filter(line -> line.startsWith("eventfd-id:"))
              .findFirst()
              .orElse("process " + pid + " fd " + fd);
      return of(pid, tid, fd, identity);
    } catch (IOException e) {
      return null;
    }
  }

  private synchronized @Nullable LentEventFd of(int pid, int tid, int fd, String identity) {
    closeUnused();
    Known before = known.get(identity);
    LentEventFd found = before == null ? null : before.get();
    if (found == null) {
      int copy = PidFd.copyDescriptor(pid, tid, fd);
      if (copy < 0) {
        return null;
      }
      found = new LentEventFd(copy, identity, poller);
      known.put(identity, new Known(found, unused));
      if (before != null) {
        Syscall.call(Syscall.CLOSE, before.fd);
      }
    }
    return found;
  }

  private void closeUnused() {
    for (Reference<?> gone = unused.poll(); gone != null; gone = unused.poll()) {
      if (gone instanceof Known eventFd && known.remove(eventFd.identity, eventFd)) {
        Syscall.call(Syscall.CLOSE, eventFd.fd);
      }
    }
  }

  /** How many descriptors of ours there are. */
  synchronized int size() {
    closeUnused();
    return known.size();
  }

  /** Closes all; KVM uses none any more. */
  @Override
  public synchronized void close() {
    known.values().forEach(eventFd -> Syscall.call(Syscall.CLOSE, eventFd.fd));
    known.clear();
  }
}
