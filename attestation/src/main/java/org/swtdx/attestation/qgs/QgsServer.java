package org.swtdx.attestation.qgs;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Serves the protocol on sockets: one request a connection, as qgsd does. Whoever connects has a
 * limited time, and beyond a number of connections the next ones wait in the socket's queue.
 */
public final class QgsServer implements AutoCloseable {
  /** How long a connection may last from its start to the end of the answer, as with qgsd. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** Connections that are served at a time. */
  public static final int CONNECTIONS = 64;

  /** Bytes of the longest request; what is asked for is a report of 1024 bytes and little else. */
  static final int LARGEST_REQUEST = 64 * 1024;

  /** Connections that wait to be served; on a Unix socket, the next is refused and not delayed. */
  private static final int QUEUE = 1024;

  private static final int REPORT_SIZE = 1024;

  private final QgsResponder responder;
  private final Duration timeout;
  private final Consumer<String> log;
  private final Semaphore connections = new Semaphore(CONNECTIONS);
  private final List<ServerSocketChannel> listeners = new CopyOnWriteArrayList<>();
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final List<Path> sockets = new CopyOnWriteArrayList<>();

  /**
   * Creates a server that listens nowhere yet.
   *
   * @param responder answers messages
   * @param timeout how long a connection may last
   * @param log hears of connections that break; called from several threads
   */
  public QgsServer(QgsResponder responder, Duration timeout, Consumer<String> log) {
    this.responder = responder;
    this.timeout = timeout;
    this.log = log;
  }

  /**
   * Listens on a Unix socket. A socket that nobody answers any more is replaced; it is removed when
   * the server closes.
   */
  public void listen(Path socket) throws IOException {
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
    if (Files.exists(socket) && !isDead(address)) {
      throw new BindException("somebody listens on " + socket + " already");
    }
    Files.deleteIfExists(socket);
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.bind(address, QUEUE);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    sockets.add(socket);
    accept(channel, socket.toString());
  }

  /** Whether it is the socket of a server that has gone; any other file is not to be touched. */
  private static boolean isDead(UnixDomainSocketAddress address) throws IOException {
    Path path = address.getPath();
    if (Files.isRegularFile(path) || Files.isDirectory(path)) {
      throw new BindException(path + " is a file or folder; name another place for the socket");
    }
    try (SocketChannel _ = SocketChannel.open(address)) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  /**
   * Listens on a TCP port of the loopback interface.
   *
   * @param port the port, or 0 for any
   * @return the port
   */
  public int listen(int port) throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET);
    try {
      channel.bind(
          new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), QUEUE);
      int bound = ((InetSocketAddress) channel.getLocalAddress()).getPort();
      accept(channel, "127.0.0.1:" + bound);
      return bound;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private void accept(ServerSocketChannel channel, String name) {
    listeners.add(channel);
    Thread.ofPlatform()
        .daemon()
        .name("qgs " + name)
        .start(
            () -> {
              while (channel.isOpen()) {
                acceptOne(channel, name);
              }
            });
  }

  private void acceptOne(ServerSocketChannel channel, String name) {
    connections.acquireUninterruptibly();
    try {
      SocketChannel connection = channel.accept();
      open.add(connection);
      Thread.ofVirtual().name("qgs connection").start(() -> serve(connection));
    } catch (ClosedChannelException _) {
      connections.release(); // the server closes
    } catch (IOException e) {
      connections.release();
      log.accept("cannot accept a connection on " + name + ": " + e.getMessage());
      pause();
    }
  }

  /** When descriptors run out, trying at once again would only burn time. */
  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(SocketChannel connection) {
    try (connection;
        Deadline deadline = new Deadline(connection, timeout)) {
      try {
        serveOne(connection);
      } catch (EOFException e) {
        log.accept("request broken off: " + e.getMessage());
      } catch (IOException e) {
        log.accept(
            deadline.passed()
                ? "connection closed after " + timeout.toSeconds() + " s"
                : "connection broken: " + e.getMessage());
      }
    } catch (IOException e) {
      log.accept("connection not closed cleanly: " + e.getMessage());
    } finally {
      open.remove(connection);
      connections.release();
    }
  }

  private void serveOne(SocketChannel connection) throws IOException {
    byte[] start = QgsFrames.read(connection, QgsFrames.PREFIX_SIZE);
    if (isReport(start)) {
      byte[] report = java.util.Arrays.copyOf(start, REPORT_SIZE);
      byte[] rest = QgsFrames.read(connection, REPORT_SIZE - start.length);
      System.arraycopy(rest, 0, report, start.length, rest.length);
      java.util.Optional<byte[]> quote = responder.exchangeRaw(report);
      if (quote.isPresent()) {
        QgsFrames.writeAll(connection, ByteBuffer.wrap(quote.get()));
      }
      return;
    }
    int size = ByteBuffer.wrap(start).getInt();
    boolean possible = size >= 0 && size <= LARGEST_REQUEST;
    byte[] message = possible ? QgsFrames.read(connection, size) : new byte[0];
    QgsFrames.write(connection, responder.exchange(message));
  }

  /** A bare report begins with type 0x81, sub-type 0 and a small version: no length does. */
  private static boolean isReport(byte[] start) {
    return start[0] == (byte) 0x81 && start[1] == 0 && start[3] == 0;
  }

  /** Stops listening, breaks connections off and removes Unix sockets. */
  @Override
  public void close() throws IOException {
    for (ServerSocketChannel listener : listeners) {
      listener.close();
    }
    for (SocketChannel connection : open) {
      connection.close();
    }
    for (Path socket : sockets) {
      Files.deleteIfExists(socket);
    }
  }
}
