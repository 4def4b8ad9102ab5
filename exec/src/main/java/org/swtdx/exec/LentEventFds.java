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

  /** So seldom a program may have all of Java look for what nobody uses: it holds up all others. */
  private static final long COLLECTION_NANOS = 1_000_000_000;

  private static final long SETTLING_MILLIS = 100;

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
  private final Descriptors descriptors;
  private final Map<String, Known> known = new HashMap<>();
  private final ReferenceQueue<LentEventFd> unused = new ReferenceQueue<>();
  private long collected = System.nanoTime() - COLLECTION_NANOS;

  LentEventFds(EventPoller poller, Descriptors descriptors) {
    this.poller = poller;
    this.descriptors = descriptors;
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
      if (!takeDescriptor()) {
        Messages.warn("process %d occupies too many descriptors by its eventfds".formatted(pid));
        return null;
      }
      int copy = PidFd.copyDescriptor(pid, tid, fd);
      if (copy < 0) {
        descriptors.giveBack();
        return null;
      }
      found = new LentEventFd(copy, identity, poller);
      known.put(identity, new Known(found, unused));
      if (before != null) {
        close(before);
      }
    }
    return found;
  }

  /** Takes a descriptor, if need be one of an eventfd that KVM has let go of and Java not yet. */
  private boolean takeDescriptor() {
    if (descriptors.take()) {
      return true;
    }
    long now = System.nanoTime();
    if (now - collected > COLLECTION_NANOS) {
      collected = now;
      System.gc();
      awaitUnused();
      closeUnused();
    }
    return descriptors.take();
  }

  private void awaitUnused() {
    try {
      Reference<?> gone = unused.remove(SETTLING_MILLIS);
      if (gone != null) {
        closeUnused(gone);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void close(Known eventFd) {
    Syscall.call(Syscall.CLOSE, eventFd.fd);
    descriptors.giveBack();
  }

  private void closeUnused() {
    for (Reference<?> gone = unused.poll(); gone != null; gone = unused.poll()) {
      closeUnused(gone);
    }
  }

  private void closeUnused(Reference<?> gone) {
    if (gone instanceof Known eventFd && known.remove(eventFd.identity, eventFd)) {
      close(eventFd);
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
    known.values().forEach(this::close);
    known.clear();
  }
}
