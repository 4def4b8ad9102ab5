package org.swtdx.vmm.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** A console on streams. A broken output stream ends the run, as a closed terminal does. */
final class StreamConsole implements Console {
  private final @Nullable InputStream input;
  private final OutputStream output;
  private final boolean escape;
  private volatile @Nullable ConsoleInput guest;
  private volatile boolean broken;

  StreamConsole(@Nullable InputStream input, OutputStream output, boolean escape) {
    this.input = input;
    this.output = output;
    this.escape = escape;
  }

  @Override
  public void output(byte[] bytes, int offset, int length) {
    if (broken) {
      return;
    }
    try {
      output.write(bytes, offset, length);
      output.flush();
    } catch (IOException e) {
      broken = true;
      System.getLogger(StreamConsole.class.getName())
          .log(System.Logger.Level.WARNING, "console output is closed: {0}", e.getMessage());
      ConsoleInput to = guest;
      if (to != null) {
        to.quit();
      }
    }
  }

  @Override
  public void start(ConsoleInput to) {
    guest = to;
    InputStream from = input;
    if (from != null) {
      Thread.ofPlatform().daemon().name("console-input").start(() -> pump(from, to));
    }
  }

  @Override
  public void stop() {
    guest = null;
  }

  private void pump(InputStream from, ConsoleInput to) {
    EscapeKey key = new EscapeKey();
    byte[] buffer = new byte[256];
    try {
      int count = from.read(buffer);
      while (count >= 0 && guest != null) {
        int kept = escape ? key.filter(buffer, count) : count;
        to.type(buffer, 0, kept);
        if (key.quit()) {
          to.quit();
          return;
        }
        count = from.read(buffer);
      }
    } catch (IOException e) {
      System.getLogger(StreamConsole.class.getName())
          .log(System.Logger.Level.DEBUG, "console input ended: {0}", e.getMessage());
    }
  }
}
