package org.swtdx.attestation.qgs;

import java.io.IOException;
import java.nio.channels.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Closes a channel when its time is over: blocking channels have no timeout of their own. */
final class Deadline implements AutoCloseable {
  private final AtomicBoolean passed = new AtomicBoolean();
  private final CompletableFuture<Void> closing;

  Deadline(Channel channel, Duration time) {
    closing =
        CompletableFuture.runAsync(
            () -> {
              passed.set(true);
              try {
                channel.close();
              } catch (IOException _) {
                // it is out of use all the same
              }
            },
            CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS));
  }

  /** Whether the time is over. */
  boolean passed() {
    return passed.get();
  }

  @Override
  public void close() {
    closing.cancel(false);
  }
}
