package org.swtdx.exec.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket that keeps the bounds of messages (unix(7), SOCK_SEQPACKET) and carries descriptors
 * with them. One thread owns an object and closes it; any thread may {@link #shutdown} it, which
 * ends what the owner waits for.
 */
public final class UnixSocket implements AutoCloseable {
  private static final int AF_UNIX = 1;
  private static final int SEQPACKET_CLOEXEC = 0x80005;
  private static final int SOCK_CLOEXEC = 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_PEERCRED = 17;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_DONTWAIT = 0x40;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;
  private static final int SHUT_RDWR = 2;
  private static final int BACKLOG = 64;
  private static final int SEND_MILLIS = 1000;
  private static final long SCARCITY_NANOS = 10_000_000;
  private static final int PATH_OFFSET = 2;
  private static final int PATH_MAX = 108;

  private static final int MESSAGE_MAX = 1 << 16;
  private static final int DESCRIPTORS_MAX = 4;
  private static final int HEADER = 56;
  private static final int CONTROL_HEADER = 16;
  private static final int CONTROL = CONTROL_HEADER + DESCRIPTORS_MAX * Integer.BYTES;

  /**
   * What was received.
   *
   * @param text the message
   * @param descriptors copies of the sender's descriptors, to be closed by the receiver
   */
  public record Message(String text, List<Integer> descriptors) {
    /** Closes all descriptors. */
    public void close() {
      descriptors.forEach(fd -> Syscall.call(Syscall.CLOSE, fd));
    }
  }

  /** The process at the other end, as it was when it connected. */
  public record Peer(int pid, int uid) {}

  private final int fd;

  private UnixSocket(int fd) {
    this.fd = fd;
  }

  /**
   * Listens at a path, where nothing may be yet. Nobody but this user may connect.
   *
   * @throws IOException with the reason
   */
  public static UnixSocket listen(Path path) throws IOException {
    UnixSocket socket = create();
    try {
      socket.withAddress(Syscall.BIND, path);
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      check("listen", path, Syscall.call(Syscall.LISTEN, socket.fd, BACKLOG));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Connects to who listens at a path.
   *
   * @throws IOException with the reason
   */
  public static UnixSocket connect(Path path) throws IOException {
    UnixSocket socket = create();
    try {
      socket.withAddress(Syscall.CONNECT, path);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static UnixSocket create() throws IOException {
    long fd = Syscall.call(Syscall.SOCKET, AF_UNIX, SEQPACKET_CLOEXEC, 0);
    if (fd < 0) {
      throw new IOException("no socket: error " + -fd);
    }
    return new UnixSocket((int) fd);
  }

  private void withAddress(int call, Path path) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length >= PATH_MAX) {
      throw new IOException(
          "the path of a socket has at most %d bytes: %s".formatted(PATH_MAX - 1, path));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(PATH_OFFSET + PATH_MAX, 8);
      address.set(ValueLayout.JAVA_SHORT, 0, (short) AF_UNIX);
      MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, name.length);
      long result = Syscall.call(call, fd, address.address(), address.byteSize());
      check(call == Syscall.BIND ? "bind" : "connect", path, result);
    }
  }

  private static void check(String what, Path path, long result) throws IOException {
    if (result == -Syscall.ENOENT || result == -Syscall.ECONNREFUSED) {
      throw new IOException("nobody listens at " + path);
    }
    if (result < 0) {
      throw new IOException("%s %s: error %d".formatted(what, path, -result));
    }
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /**
   * Waits for a client; null after {@link #shutdown}. While the system has no descriptor or memory
   * for another one, it waits for that too.
   */
  public @Nullable UnixSocket accept() {
    long client = Syscall.call(Syscall.ACCEPT4, fd, 0, 0, SOCK_CLOEXEC);
    while (client < 0 && client != -Syscall.EINVAL && client != -Syscall.EBADF) {
      if (client != -Syscall.EINTR && client != -Syscall.ECONNABORTED) {
        LockSupport.parkNanos(this, SCARCITY_NANOS);
      }
      client = Syscall.call(Syscall.ACCEPT4, fd, 0, 0, SOCK_CLOEXEC);
    }
    return client < 0 ? null : new UnixSocket((int) client);
  }

  /** Who connected. */
  public Peer peer() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment credentials = arena.allocate(12, 8);
      MemorySegment length = arena.allocateFrom(ValueLayout.JAVA_INT, 12);
      long result =
          Syscall.call(
              Syscall.GETSOCKOPT,
              fd,
              SOL_SOCKET,
              SO_PEERCRED,
              credentials.address(),
              length.address(),
              0);
      if (result < 0) {
        throw new IOException("the peer of a socket is not known: error " + -result);
      }
      return new Peer(
          credentials.get(ValueLayout.JAVA_INT, 0), credentials.get(ValueLayout.JAVA_INT, 4));
    }
  }

  /**
   * Sends a message with copies of some descriptors of ours; false when nobody will read it, or who
   * should has so much to read already that there is no room for a second.
   */
  public boolean send(String text, int... descriptors) {
    if (descriptors.length > DESCRIPTORS_MAX) {
      throw new IllegalArgumentException(descriptors.length + " descriptors");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes =
          arena.allocateFrom(ValueLayout.JAVA_BYTE, text.getBytes(StandardCharsets.UTF_8));
      MemorySegment header = header(arena, bytes, bytes.byteSize());
      if (descriptors.length > 0) {
        long used = CONTROL_HEADER + (long) descriptors.length * Integer.BYTES;
        MemorySegment control = arena.allocate(CONTROL, 8);
        control.set(ValueLayout.JAVA_LONG, 0, used);
        control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
        control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
        MemorySegment.copy(
            descriptors, 0, control, ValueLayout.JAVA_INT, CONTROL_HEADER, descriptors.length);
        header.set(ValueLayout.JAVA_LONG, 32, control.address());
        header.set(ValueLayout.JAVA_LONG, 40, used + 7 & -8);
      }
      return send(header) == bytes.byteSize();
    }
  }

  private long send(MemorySegment header) {
    int flags = MSG_NOSIGNAL | MSG_DONTWAIT;
    long sent;
    boolean room = true;
    do {
      sent = Syscall.call(Syscall.SENDMSG, fd, header.address(), flags);
      if (sent == -Syscall.EAGAIN) {
        room = Poll.events(fd, Poll.OUT, SEND_MILLIS) != 0;
      }
    } while (sent == -Syscall.EINTR || sent == -Syscall.EAGAIN && room);
    return sent;
  }

  /** Waits for a message; null when the other end is closed, or when this one was shut down. */
  public @Nullable Message receive() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(MESSAGE_MAX);
      MemorySegment header = header(arena, bytes, MESSAGE_MAX);
      MemorySegment control = arena.allocate(CONTROL, 8);
      header.set(ValueLayout.JAVA_LONG, 32, control.address());
      header.set(ValueLayout.JAVA_LONG, 40, CONTROL);
      long length;
      do {
        length = Syscall.call(Syscall.RECVMSG, fd, header.address(), MSG_CMSG_CLOEXEC);
      } while (length == -Syscall.EINTR);
      if (length <= 0) {
        return null;
      }
      byte[] text = bytes.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
      return new Message(
          new String(text, StandardCharsets.UTF_8),
          descriptors(control, header.get(ValueLayout.JAVA_LONG, 40)));
    }
  }

  /** Waits for something to receive, or for the end; whether there is. */
  public boolean await(int millis) {
    return Poll.events(fd, Poll.IN, millis) != 0;
  }

  private static MemorySegment header(Arena arena, MemorySegment bytes, long length) {
    MemorySegment vector = arena.allocate(16, 8);
    vector.set(ValueLayout.JAVA_LONG, 0, bytes.address());
    vector.set(ValueLayout.JAVA_LONG, 8, length);
    MemorySegment header = arena.allocate(HEADER, 8);
    header.set(ValueLayout.JAVA_LONG, 16, vector.address());
    header.set(ValueLayout.JAVA_LONG, 24, 1);
    return header;
  }

  private static List<Integer> descriptors(MemorySegment control, long length) {
    List<Integer> found = new ArrayList<>();
    if (length >= CONTROL_HEADER && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS) {
      long end = control.get(ValueLayout.JAVA_LONG, 0);
      for (long at = CONTROL_HEADER; at + Integer.BYTES <= end; at += Integer.BYTES) {
        found.add(control.get(ValueLayout.JAVA_INT, at));
      }
    }
    return found;
  }

  /** Ends the traffic, in both directions, now and for ever. */
  public void shutdown() {
    Syscall.call(Syscall.SHUTDOWN, fd, SHUT_RDWR);
  }

  @Override
  public void close() {
    Syscall.call(Syscall.CLOSE, fd);
  }
}
