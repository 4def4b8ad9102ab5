package org.swtdx.exec;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.UnixSocket;
import org.swtdx.kvm.KvmHost;

/**
 * Lends the KVM of one host to several programs at once, which {@link LendingClient}s start and
 * hand the calls of over a Unix socket. No program can name what another has; what all take from,
 * frames and KeyIDs, is accounted for by program and bounded.
 */
public final class LendingServer implements AutoCloseable {
  private static final int CONTROL_MILLIS = 1000;
  private static final int LOOK_MILLIS = 100;
  private static final int MOST_UNHEARD = 64;

  private final Path path;
  private final FileChannel lock;
  private final UnixSocket socket;
  private final KvmHost host;
  private final LendingBounds bounds;
  private final int user = (int) Syscall.call(Syscall.GETEUID);
  private final Set<ServerSession> sessions = ConcurrentHashMap.newKeySet();
  private final Semaphore unheard = new Semaphore(MOST_UNHEARD);
  private final AtomicLong numbers = new AtomicLong();
  private final CountDownLatch drained = new CountDownLatch(1);
  private volatile boolean stopping;
  private boolean closed;

  private LendingServer(
      Path path, FileChannel lock, UnixSocket socket, KvmHost host, LendingBounds bounds) {
    this.path = path;
    this.lock = lock;
    this.socket = socket;
    this.host = host;
    this.bounds = bounds;
  }

  /**
   * Listens at a path, for this user only. A socket that a server left behind is replaced; a file
   * beside it, of the same name and {@code .lock}, tells whether its server lives.
   *
   * @param path of the socket, at most 107 bytes
   * @param host whose KVM is lent
   * @param bounds of each program
   * @throws LendingException when another server listens there, or nobody may
   */
  public static LendingServer listen(Path path, KvmHost host, LendingBounds bounds)
      throws LendingException {
    try {
      FileChannel lock = lock(path);
      try {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
          if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .isOther()) {
            throw new LendingException(path + " is something else than a socket");
          }
          Files.delete(path);
        }
        return new LendingServer(path, lock, UnixSocket.listen(path), host, bounds);
      } catch (IOException | LendingException e) {
        lock.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new LendingException("there is no folder " + path.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new LendingException("cannot listen at " + path + ": " + e.getMessage());
    }
  }

  private static FileChannel lock(Path path) throws IOException, LendingException {
    Path beside = path.resolveSibling(path.getFileName() + ".lock");
    FileChannel channel =
        FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // A server of this very process has it.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new LendingException("swtdx serve listens at " + path + " already");
  }

  /** Answers until {@link #stop}; then ends all programs and gives back what they had. */
  public void serve() throws InterruptedException {
    while (awaitRoom()) {
      UnixSocket client = socket.accept();
      if (client == null) {
        break;
      }
      begin(new ServerSession(this, client));
    }
    stopping = true;
    for (ServerSession session : sessions) {
      session.awaitPrograms();
    }
    drained.countDown();
    for (ServerSession session : sessions) {
      session.awaitEnd(CONTROL_MILLIS);
    }
    close();
  }

  /**
   * Waits while so many clients have said nothing yet that another one has to wait; false when the
   * server is to end. They cost a descriptor and a thread each.
   */
  private boolean awaitRoom() throws InterruptedException {
    while (!stopping) {
      if (unheard.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        return true;
      }
    }
    return false;
  }

  private void begin(ServerSession session) {
    sessions.add(session);
    try {
      session.start();
    } catch (OutOfMemoryError e) {
      Messages.warn("a client is sent away: " + e.getMessage()); // no thread can be started
      session.abandon();
      sessions.remove(session);
      heard();
    }
  }

  /** A client has said what it wants, or has gone. */
  void heard() {
    unheard.release();
  }

  /** Has {@link #serve} end; returns at once. */
  public void stop() {
    stopping = true;
    socket.shutdown();
  }

  /** Waits until no program is served any more, after {@link #stop}. */
  void awaitDrained() throws InterruptedException {
    drained.await();
  }

  /** The programs that are served, in the order of their start. */
  public List<ServedProgram> programs() {
    return sessions.stream()
        .map(ServerSession::program)
        .filter(Objects::nonNull)
        .sorted(Comparator.comparingLong(ServedProgram::number))
        .toList();
  }

  /** Frames and KeyIDs of the whole host that are not given back. */
  public HostUse use() {
    return new HostUse(host.outstandingFrames(), host.outstandingKeyIds());
  }

  KvmHost host() {
    return host;
  }

  LendingBounds bounds() {
    return bounds;
  }

  boolean stopping() {
    return stopping;
  }

  long nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Whether a user may have programs served: the server's own, and root. */
  boolean admits(int uid) {
    return uid == user || uid == 0;
  }

  void ended(ServerSession session) {
    sessions.remove(session);
  }

  /** Stops listening and removes the socket. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      Files.deleteIfExists(path);
      socket.close();
      lock.close();
    } catch (IOException e) {
      Messages.warn("the socket at %s stays: %s".formatted(path, e.getMessage()));
    }
  }
}
