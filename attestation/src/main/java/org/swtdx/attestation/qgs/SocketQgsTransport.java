package org.swtdx.attestation.qgs;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** A service at a socket; each exchange has a connection of its own, as qgsd wants it. */
public final class SocketQgsTransport implements QgsTransport {
  /** What QEMU waits for. */
  public static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final int LARGEST_ANSWER = 1 << 20;

  private final SocketAddress address;
  private final Duration timeout;

  private SocketQgsTransport(SocketAddress address, Duration timeout) {
    this.address = address;
    this.timeout = timeout;
  }

  /** A service at a Unix socket. */
  public static SocketQgsTransport unix(Path socket, Duration timeout) {
    return new SocketQgsTransport(UnixDomainSocketAddress.of(socket), timeout);
  }

  /** A service at a TCP port of this machine. */
  public static SocketQgsTransport loopback(int port, Duration timeout) {
    return new SocketQgsTransport(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), timeout);
  }

  @Override
  public byte[] exchange(byte[] message) throws IOException {
    try (SocketChannel channel =
            SocketChannel.open(
                address instanceof UnixDomainSocketAddress
                    ? java.net.StandardProtocolFamily.UNIX
                    : java.net.StandardProtocolFamily.INET);
        Deadline deadline = new Deadline(channel, timeout)) {
      try {
        channel.connect(address);
        QgsFrames.write(channel, message);
        int size = ByteBuffer.wrap(QgsFrames.read(channel, QgsFrames.PREFIX_SIZE)).getInt();
        if (size < QgsCodec.HEADER_SIZE || size > LARGEST_ANSWER) {
          throw new IOException(
              "an answer of " + Integer.toUnsignedString(size) + " bytes is none of the protocol");
        }
        return QgsFrames.read(channel, size);
      } catch (IOException e) {
        if (deadline.passed()) {
          SocketTimeoutException timedOut =
              new SocketTimeoutException("no answer within " + timeout.toSeconds() + " s");
          timedOut.initCause(e);
          throw timedOut;
        }
        throw e;
      }
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
