package org.swtdx.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work that has something to say at its end, also when a signal ends it: the JVM ends only after
 * this is closed, or half a minute later.
 */
final class LastWord implements AutoCloseable {
  private static final int LONGEST_SECONDS = 30;

  private final CountDownLatch said = new CountDownLatch(1);
  private final Thread hook;

  /**
   * Starts such work.
   *
   * @param end ends the work, when the JVM is told to end before the work has
   */
  LastWord(Runnable end) {
    hook =
        Thread.ofPlatform()
            .name("last word")
            .unstarted(
                () -> {
                  end.run();
                  awaitLastWord();
                });
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      end.run(); // told to end already
    }
  }

  private void awaitLastWord() {
    try {
      said.await(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    said.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // it runs, and has what it waits for
    }
  }
}
