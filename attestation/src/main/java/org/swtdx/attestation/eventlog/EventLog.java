package org.swtdx.attestation.eventlog;

import java.util.List;
import java.util.Optional;

/**
 * A parsed event log.
 *
 * @param format where it came from
 * @param specId the header; only binary logs have one
 * @param events the events, in the order in which they happened
 * @param bytesUsed bytes up to the end of the last event
 * @param bytesTotal bytes of the input
 * @param remarks what is unusual though readable, one line each
 */
public record EventLog(
    Format format,
    Optional<SpecId> specId,
    List<LogEvent> events,
    long bytesUsed,
    long bytesTotal,
    List<String> remarks) {
  /** Forms of an event log. */
  public enum Format {
    /** The TCG2 crypto-agile form, as in an ACPI CCEL log area. */
    CCEL,
    /** The document that swtdx writes. */
    SWTDX_JSON,
    /**
     * A list of events with {@code imr}, {@code digest} and {@code event_payload}, as of dstack.
     */
    DSTACK_JSON,
    /** A document with {@code uefi_event_logs}, as of the trustee attestation service. */
    TRUSTEE_JSON,
    /** The summary of a run, with {@code td.rtmrExtensions}: digests without data. */
    RUN_JSON,
    /** Made by a prediction. */
    PREDICTED
  }

  /** Copies the lists. */
  public EventLog {
    events = List.copyOf(events);
    remarks = List.copyOf(remarks);
  }

  /** A log that was computed, with the header that firmware for TDs writes. */
  public static EventLog predicted(List<LogEvent> events) {
    return new EventLog(Format.PREDICTED, Optional.of(SpecId.ofTd()), events, 0, 0, List.of());
  }
}
