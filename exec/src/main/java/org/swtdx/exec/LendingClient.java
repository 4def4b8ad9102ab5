package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.exec.linux.UnixSocket;
import org.swtdx.exec.linux.UnixSocket.Message;

/**
 * Runs programs with the KVM of a {@link LendingServer}. The program is a child of this process:
 * terminal, working directory, environment, limits and signals are as if it had been started
 * directly; only the answers of KVM come from the server.
 */
public final class LendingClient {
  private static final int GRACE_MILLIS = 3000;
  private static final int RELEASE_SECONDS = 30;

  /**
   * How a program ended.
   *
   * @param status its exit status; 128 plus the signal's number when a signal ended it
   * @param left of the host, what it has not given back; null when the server is gone
   */
  public record Outcome(int status, @Nullable HostUse left) {}

  /**
   * What a server does.
   *
   * @param programs that it serves
   * @param use of its host by all of them
   */
  public record Status(List<ServedProgram> programs, HostUse use) {}

  private final Path path;

  /** A client of the server that listens at a path. */
  public LendingClient(Path path) {
    this.path = path;
  }

  private UnixSocket connect() throws LendingException {
    try {
      return UnixSocket.connect(path);
    } catch (IOException e) {
      throw new LendingException("no swtdx serve: " + e.getMessage());
    }
  }

  /**
   * Runs a program to its end. Children that it leaves behind are served on.
   *
   * @param command the program, found as a shell does, and its arguments
   * @param environment its environment
   * @throws LendingException when it cannot be started
   */
  public Outcome run(List<String> command, Map<String, String> environment)
      throws LendingException, InterruptedException {
    try (UnixSocket server = connect();
        Launch launch = Launch.prepare(command, environment)) {
      handOver(server, launch.listener(), command.getFirst());
      PidFd program = launch.start();
      server.send(Requests.STARTED, program.fd());
      CompletableFuture<HostUse> released = new CompletableFuture<>();
      Thread ear =
          Thread.ofPlatform()
              .daemon()
              .name("swtdx-connection")
              .start(() -> listen(server, program, released));
      int status = launch.await();
      server.send(Requests.ENDED);
      HostUse left = get(released);
      server.shutdown();
      ear.join();
      return new Outcome(status, left);
    }
  }

  private void handOver(UnixSocket server, int listener, String program) throws LendingException {
    Message answer;
    try (Arena arena = Arena.ofConfined()) {
      long value = new SecureRandom().nextLong();
      MemorySegment proof = arena.allocateFrom(ValueLayout.JAVA_LONG, value);
      String name = program.replaceAll("\\p{Cntrl}", "?");
      server.send(
          Requests.message(Requests.LEND, Requests.VERSION, proof.address(), value, name),
          listener);
      // The program's calls shall fail when the server ends, not wait for us.
      Syscall.call(Syscall.CLOSE, listener);
      answer = server.receive();
    }
    String text = answer == null ? "" : answer.text();
    if (!text.equals(Requests.SERVING)) {
      throw new LendingException(refusal(text));
    }
  }

  private String refusal(String text) {
    return text.startsWith(Requests.REFUSED + "\n")
        ? text.substring(Requests.REFUSED.length() + 1)
        : "swtdx serve at %s ended or is of another version".formatted(path);
  }

  private void listen(UnixSocket server, PidFd program, CompletableFuture<HostUse> released) {
    for (Message m = server.receive(); m != null; m = server.receive()) {
      m.close();
      if (m.text().startsWith(Requests.RELEASED)) {
        released.complete(use(m.text().lines().toList()));
      }
    }
    released.cancel(false);
    if (!program.awaitEnd(0)) {
      Messages.warn("swtdx serve at %s is gone: the program has to end".formatted(path));
      program.end(GRACE_MILLIS);
    }
  }

  private static HostUse use(List<String> lines) {
    return new HostUse(Long.parseLong(lines.get(1)), Integer.parseInt(lines.get(2)));
  }

  private static @Nullable HostUse get(CompletableFuture<HostUse> released)
      throws InterruptedException {
    try {
      return released.get(RELEASE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException | CancellationException e) {
      return null;
    }
  }

  /**
   * What the server does.
   *
   * @throws LendingException when there is none
   */
  public Status status() throws LendingException {
    List<ServedProgram> programs = new ArrayList<>();
    try (UnixSocket server = connect()) {
      server.send(Requests.STATUS);
      for (Message m = server.receive(); m != null; m = server.receive()) {
        m.close();
        List<String> lines = m.text().lines().toList();
        if (lines.getFirst().equals(Requests.USE)) {
          return new Status(List.copyOf(programs), use(lines));
        }
        if (!lines.getFirst().equals(Requests.PROGRAM)) {
          throw new LendingException(refusal(m.text()));
        }
        programs.add(ServedProgram.ofLine(lines.get(1)));
      }
      throw new LendingException(refusal(""));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new LendingException(refusal(""));
    }
  }

  /**
   * Ends the server and all its programs, and waits for it: what was not given back.
   *
   * @throws LendingException when there is none
   */
  public HostUse stop() throws LendingException {
    try (UnixSocket server = connect()) {
      server.send(Requests.STOP);
      Message answer = server.receive();
      String text = answer == null ? "" : answer.text();
      List<String> lines = text.lines().toList();
      if (lines.size() != 3 || !lines.getFirst().equals(Requests.USE)) {
        throw new LendingException(refusal(text));
      }
      return use(lines);
    }
  }
}
