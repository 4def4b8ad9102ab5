package org.swtdx.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogException;
import org.swtdx.attestation.eventlog.EventLogs;

/** Event logs that the user names. */
final class EventLogInput {
  private EventLogInput() {}

  /** Reads a log from a file, or from standard input for {@code -}. */
  static EventLog read(Path file) throws InputException {
    boolean standardInput = file.toString().equals("-");
    byte[] bytes =
        standardInput ? standardInput() : InputFile.read(file, "event log", EventLogs.MOST_BYTES);
    try {
      return EventLogs.read(bytes);
    } catch (EventLogException e) {
      String name = standardInput ? "standard input" : file.toString();
      throw (InputException) new InputException(name + ": " + e.getMessage()).initCause(e);
    }
  }

  private static byte[] standardInput() throws InputException {
    try {
      return System.in.readNBytes(EventLogs.MOST_BYTES + 1);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot read standard input: " + e.getMessage()).initCause(e);
    }
  }
}
