package org.swtdx.exec;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Poll;
import org.swtdx.exec.linux.ProcessMemory;
import org.swtdx.exec.linux.SeccompListener;
import org.swtdx.exec.linux.UnixSocket;
import org.swtdx.exec.linux.UnixSocket.Message;
import org.swtdx.exec.linux.UnixSocket.Peer;
import org.swtdx.kvm.HostShare;
import org.swtdx.kvm.VcpuFile;
import org.swtdx.kvm.VmFile;

/** One client of a server: a program that is served to its end, or one question. */
final class ServerSession {
  private static final int GREETING_MILLIS = 5000;
  private static final int TICK_MILLIS = 100;
  private static final int SHORT_TICK_MILLIS = 2;
  private static final int GRACE_MILLIS = 3000;
  private static final int LAST_MILLIS = 2000;
  private static final int NAME_LINE = 4;
  private static final int LEND_LINES = 5;

  private final LendingServer server;
  private final UnixSocket client;
  private final Thread thread;
  private final CountDownLatch programsEnded = new CountDownLatch(1);

  // Of a session with a program:
  private final long started = System.nanoTime();
  private final HostShare share;
  private volatile long number;
  private volatile String name = "";
  private volatile int pid;
  private volatile @Nullable Supervisor supervisor;
  private @Nullable PidFd process;
  private boolean clientGone;
  private boolean endingBegun;
  private boolean releaseDue;
  private boolean released;

  ServerSession(LendingServer server, UnixSocket client) {
    this.server = server;
    this.client = client;
    share = new HostShare(server.bounds().frames(), server.bounds().keyIds());
    thread = Thread.ofPlatform().daemon().name("swtdx-session").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Closes the connection of a session that could not be started. */
  void abandon() {
    client.close();
  }

  /** Waits until the session has no program any more. */
  void awaitPrograms() throws InterruptedException {
    programsEnded.await();
  }

  void awaitEnd(int millis) throws InterruptedException {
    thread.join(millis);
  }

  /** What is served; null for a session without a program. */
  @Nullable ServedProgram program() {
    Supervisor serving = supervisor;
    if (serving == null) {
      return null;
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started);
    return new ServedProgram(
        number,
        pid,
        seconds,
        serving.open(VmFile.class),
        serving.open(VcpuFile.class),
        share.frames(),
        share.keyIds(),
        name);
  }

  private void run() {
    try {
      Message greeting = greeting();
      if (greeting != null) {
        answer(greeting);
      }
    } catch (IOException e) {
      say(Requests.REFUSED, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      client.close();
      programsEnded.countDown();
      server.ended(this);
    }
  }

  private @Nullable Message greeting() {
    try {
      for (int waited = 0; waited < GREETING_MILLIS && !server.stopping(); waited += TICK_MILLIS) {
        if (client.await(TICK_MILLIS)) {
          return client.receive();
        }
      }
      return null;
    } finally {
      server.heard();
    }
  }

  private void answer(Message greeting) throws IOException, InterruptedException {
    List<String> lines = greeting.text().lines().toList();
    Peer peer = client.peer();
    if (!server.admits(peer.uid())) {
      greeting.close();
      throw new IOException("user %d may not use this server".formatted(peer.uid()));
    }
    switch (lines.getFirst()) {
      case Requests.LEND -> lend(lines, greeting, peer);
      case Requests.STATUS -> {
        greeting.close();
        server.programs().forEach(p -> say(Requests.PROGRAM, p.toLine()));
        sayUse();
      }
      case Requests.STOP -> {
        greeting.close();
        programsEnded.countDown();
        server.stop();
        server.awaitDrained();
        sayUse();
      }
      default -> {
        greeting.close();
        throw new IOException("this server does not know " + lines.getFirst());
      }
    }
  }

  /** Who does not read what it has asked for is as good as gone. */
  private void say(String word, Object... lines) {
    if (!clientGone && !client.send(Requests.message(word, lines))) {
      clientGone = true;
    }
  }

  private void sayUse() {
    HostUse use = server.use();
    say(Requests.USE, use.frames(), use.keyIds());
  }

  private void lend(List<String> lines, Message greeting, Peer peer)
      throws IOException, InterruptedException {
    String obstacle = obstacle(lines, greeting, peer);
    if (obstacle != null) {
      greeting.close();
      throw new IOException(obstacle);
    }
    number = server.nextNumber();
    name = lines.get(NAME_LINE);
    try (Supervisor serving =
        new Supervisor(
            greeting.descriptors().getFirst(), server.host(), share, server.bounds().files())) {
      supervisor = serving;
      say(Requests.SERVING);
      serve(serving);
      serving.awaitEmpty("program %d (%s)".formatted(number, name));
      answerTheEnd();
    } finally {
      supervisor = null;
      if (process != null) {
        process.close();
      }
    }
    if (share.frames() != 0 || share.keyIds() != 0) {
      Messages.warn(
          "program %d (%s) leaves %d frames and %d KeyIDs behind"
              .formatted(number, name, share.frames(), share.keyIds()));
    }
  }

  /** Why a program cannot be served; null when it can. */
  private @Nullable String obstacle(List<String> lines, Message greeting, Peer peer) {
    if (lines.size() != LEND_LINES || !lines.get(1).equals(Requests.VERSION)) {
      return "swtdx serve is of another version than swtdx exec";
    }
    if (server.stopping()) {
      return "swtdx serve is about to end";
    }
    if (greeting.descriptors().size() != 1
        || !SeccompListener.isListener(greeting.descriptors().getFirst())) {
      return "no seccomp listener came with the request";
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(Long.BYTES, 8);
      boolean reached =
          ProcessMemory.read(peer.pid(), Long.parseLong(lines.get(2)), value)
              && value.get(ValueLayout.JAVA_LONG, 0) == Long.parseLong(lines.get(3));
      return reached
          ? null
          : "swtdx serve cannot reach the memory of process "
              + peer.pid()
              + ": it needs the same user and PID namespace, and kernel.yama.ptrace_scope 0 or the"
              + " capability CAP_SYS_PTRACE";
    } catch (NumberFormatException e) {
      return "a request without an address";
    }
  }

  /** Serves until no task is left under the filter. */
  private void serve(Supervisor serving) {
    long giveUp = Long.MAX_VALUE;
    try (Arena arena = Arena.ofConfined()) {
      Poll poll = new Poll(arena, 2).set(0, serving.listener(), 0).set(1, client.fd(), Poll.IN);
      while (System.nanoTime() < giveUp) {
        if (poll.await(releaseDue ? SHORT_TICK_MILLIS : TICK_MILLIS)) {
          if ((poll.events(0) & Poll.HUP) != 0) {
            return;
          }
          if (poll.events(1) != 0) {
            hear();
          }
        }
        if (clientGone) {
          poll.set(1, -1, 0);
          endOrphan(serving);
        }
        if (releaseDue && !serving.holds(pid)) {
          sayReleased();
        }
        if (server.stopping() && giveUp == Long.MAX_VALUE) {
          endProgram();
          serving.kill();
          giveUp = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LAST_MILLIS);
        }
      }
    }
  }

  private void hear() {
    Message message = client.receive();
    if (message == null) {
      clientGone = true;
    } else if (message.text().equals(Requests.STARTED)
        && message.descriptors().size() == 1
        && process == null) {
      process = new PidFd(message.descriptors().getFirst());
      pid = Math.max(0, process.pid());
    } else {
      message.close();
      releaseDue |= message.text().equals(Requests.ENDED);
    }
  }

  /** The client was killed, perhaps before it could say which process it had started. */
  private void endOrphan(Supervisor serving) {
    if (process == null) {
      serving.kill();
    } else {
      endProgram();
    }
  }

  private void endProgram() {
    if (process != null && !endingBegun) {
      endingBegun = true;
      process.end(GRACE_MILLIS);
    }
  }

  private void sayReleased() {
    releaseDue = false;
    pid = 0;
    released = true;
    say(Requests.RELEASED, share.frames(), share.keyIds());
  }

  /** No task is left; the client may have to be told still. */
  private void answerTheEnd() {
    while (!clientGone && !releaseDue && !released && client.await(GREETING_MILLIS)) {
      hear();
    }
    if (releaseDue) {
      sayReleased();
    }
  }
}
