package org.swtdx.attestation.eventlog;

import org.swtdx.attestation.eventlog.EventLogException.Problem;

/** Reads event logs of any of the known forms. */
public final class EventLogs {
  /** Largest input taken, in bytes; log areas of real machines have 64 to 256 KiB. */
  public static final int MOST_BYTES = 16 << 20;

  private EventLogs() {}

  /**
   * Reads a log: binary as in /sys/firmware/acpi/tables/data/CCEL, or JSON of swtdx, dstack, the
   * trustee attestation service, or a run's summary.
   *
   * @param input the whole file
   * @throws EventLogException if it can't be read; the message is one line with the remedy
   */
  public static EventLog read(byte[] input) throws EventLogException {
    if (input.length > MOST_BYTES) {
      throw new EventLogException(
          Problem.TOO_LARGE,
          "the input has " + input.length + " bytes, an event log at most " + MOST_BYTES,
          "name the log alone");
    }
    if (CcelTable.looksLike(input)) {
      throw new EventLogException(
          Problem.NOT_A_LOG,
          "this is the ACPI table CCEL, which only says where the log is",
          "name the log itself, /sys/firmware/acpi/tables/data/CCEL");
    }
    int first = 0;
    while (first < input.length
        && (input[first] == ' '
            || input[first] == '\n'
            || input[first] == '\r'
            || input[first] == '\t')) {
      first++;
    }
    boolean json = first < input.length && (input[first] == '{' || input[first] == '[');
    return json ? JsonLogReader.read(input) : CcelReader.read(input);
  }
}
