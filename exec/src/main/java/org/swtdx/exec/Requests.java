package org.swtdx.exec;

/**
 * What a {@link LendingClient} and a {@link LendingServer} say to each other: messages of lines,
 * the first of which is one of these words.
 */
final class Requests {
  /** Version of all this; both sides must have the same. */
  static final String VERSION = "1";

  /**
   * Asks for KVM. Lines: version, address and value of eight bytes in the client's memory, name of
   * the program. With the listener.
   */
  static final String LEND = "LEND";

  /** Answer to {@link #LEND}: calls are being answered, the program may start. */
  static final String SERVING = "SERVING";

  /** Answer to anything. Line: why not. */
  static final String REFUSED = "REFUSED";

  /** The program has been started. With its pidfd. */
  static final String STARTED = "STARTED";

  /** The program has ended. */
  static final String ENDED = "ENDED";

  /** Answer to {@link #ENDED}: what it had is given back. Lines: frames, KeyIDs that are not. */
  static final String RELEASED = "RELEASED";

  /** Asks what is served. Answer: a message {@link #PROGRAM} for each, then {@link #USE}. */
  static final String STATUS = "STATUS";

  /** Line: a {@link ServedProgram}. */
  static final String PROGRAM = "PROGRAM";

  /** Lines: frames, KeyIDs of the host that are taken. */
  static final String USE = "USE";

  /** Asks the server to end. Answer, when no program is served any more: {@link #USE}. */
  static final String STOP = "STOP";

  private Requests() {}

  static String message(String word, Object... lines) {
    StringBuilder message = new StringBuilder(word);
    for (Object line : lines) {
      message.append('\n').append(line);
    }
    return message.toString();
  }
}
