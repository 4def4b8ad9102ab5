package org.swtdx.exec.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process by a descriptor, which never comes to mean another one (pidfd_open(2)). */
public final class PidFd implements AutoCloseable {
  private static final int PIDFD_THREAD = 0x80;

  private final int fd;

  /** Takes over a descriptor. */
  public PidFd(int fd) {
    this.fd = fd;
  }

  /**
   * Opens a process that lives, or is a child not waited for yet.
   *
   * @throws IOException when there is none
   */
  public static PidFd open(int pid) throws IOException {
    long fd = Syscall.call(Syscall.PIDFD_OPEN, pid, 0);
    if (fd < 0) {
      throw new IOException("process %d: error %d".formatted(pid, -fd));
    }
    return new PidFd((int) fd);
  }

  /**
   * Copies a descriptor of another task, with the open file that it refers to (pidfd_getfd(2)).
   *
   * @param pid its process, which Linux before 6.9 takes the descriptor of
   * @return a descriptor of ours, or a negative error number
   */
  public static int copyDescriptor(int pid, int tid, int fd) {
    long task = tid == pid ? -1 : Syscall.call(Syscall.PIDFD_OPEN, tid, PIDFD_THREAD);
    if (task < 0) {
      task = Syscall.call(Syscall.PIDFD_OPEN, pid, 0);
    }
    if (task < 0) {
      return (int) task;
    }
    long copy = Syscall.call(Syscall.PIDFD_GETFD, task, fd, 0);
    Syscall.call(Syscall.CLOSE, task);
    return (int) copy;
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** The process's number here; 0 when it has none in this PID namespace, negative at its end. */
  public int pid() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
        if (line.startsWith("Pid:")) {
          return Integer.parseInt(line.substring("Pid:".length()).trim());
        }
      }
    } catch (IOException e) {
      return 0; // not a descriptor any more
    }
    return 0;
  }

  /** Sends a signal; false when the process has ended. */
  public boolean signal(int number) {
    return Syscall.call(Syscall.PIDFD_SEND_SIGNAL, fd, number, 0, 0) == 0;
  }

  /**
   * Waits for the process's end; whether it came.
   *
   * @param millis at most; negative: without bound
   */
  public boolean awaitEnd(int millis) {
    int events;
    do {
      events = Poll.events(fd, Poll.IN, millis);
    } while (events == 0 && millis < 0);
    return events != 0;
  }

  /** Asks the process to end, and makes it end when it has not after a while. */
  public void end(int graceMillis) {
    signal(Signals.TERM);
    if (!awaitEnd(graceMillis)) {
      signal(Signals.KILL);
    }
  }

  @Override
  public void close() {
    Syscall.call(Syscall.CLOSE, fd);
  }
}
