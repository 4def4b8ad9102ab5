package org.swtdx.exec;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.swtdx.kvm.KvmHost;

/** A server in a thread of its own, and clients in theirs. */
final class Serving {
  private final LendingServer server;
  private final Thread thread;

  private Serving(LendingServer server, Thread thread) {
    this.server = server;
    this.thread = thread;
  }

  static Serving start(Path socket, KvmHost host, LendingBounds bounds) throws LendingException {
    LendingServer server = LendingServer.listen(socket, host, bounds);
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    server.serve();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    return new Serving(server, thread);
  }

  LendingServer server() {
    return server;
  }

  /** Stops the server and waits for its end. */
  void end() throws InterruptedException {
    server.stop();
    thread.join();
  }

  /** Runs a program with the server's KVM. */
  static CompletableFuture<LendingClient.Outcome> client(Path socket, List<String> command) {
    CompletableFuture<LendingClient.Outcome> outcome = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              try {
                outcome.complete(new LendingClient(socket).run(command, NativeClient.ENVIRONMENT));
              } catch (LendingException | InterruptedException | RuntimeException e) {
                outcome.completeExceptionally(e);
              }
            });
    return outcome;
  }
}
