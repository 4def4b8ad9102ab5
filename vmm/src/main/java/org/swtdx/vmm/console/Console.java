package org.swtdx.vmm.console;

import java.io.InputStream;
import java.io.OutputStream;

/** The far end of a guest's serial line. */
public interface Console {
  /**
   * Takes what the guest sent; one thread at a time.
   *
   * @param bytes holds it
   * @param offset index of the first byte
   * @param length how many
   */
  void output(byte[] bytes, int offset, int length);

  /**
   * The guest is about to run.
   *
   * @param input where typed bytes go
   */
  default void start(ConsoleInput input) {}

  /** The guest has ended; nothing more comes. */
  default void stop() {}

  /** A console that drops everything and types nothing. */
  static Console none() {
    return (_, _, _) -> {};
  }

  /**
   * A console that writes to a stream, flushing after every piece, and types nothing.
   *
   * @param output the stream; stays open
   */
  static Console of(OutputStream output) {
    return new StreamConsole(null, output, false);
  }

  /**
   * A console that writes to one stream and types what another has.
   *
   * @param input read on a thread of its own until it ends
   * @param output the stream; stays open
   */
  static Console of(InputStream input, OutputStream output) {
    return new StreamConsole(input, output, false);
  }

  /**
   * A console for a terminal in raw mode: Ctrl-A x ends the run, Ctrl-A Ctrl-A types one Ctrl-A.
   *
   * @param input the terminal's input
   * @param output the terminal's output; stays open
   */
  static Console interactive(InputStream input, OutputStream output) {
    return new StreamConsole(input, output, true);
  }
}
