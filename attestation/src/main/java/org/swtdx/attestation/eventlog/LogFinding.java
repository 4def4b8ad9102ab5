package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Something wrong or odd in a log that can be read.
 *
 * @param severity how bad
 * @param event the event's number, or -1 for the log as a whole
 * @param text one line
 */
public record LogFinding(Severity severity, int event, String text) {
  /** How bad a finding is. */
  public enum Severity {
    /** No honest guest writes such a log, or its events can't be trusted to say what happened. */
    ERROR,
    /** Unusual, though it can be honest. */
    REMARK
  }

  /** Examines a log. */
  public static List<LogFinding> of(EventLog log) {
    List<LogFinding> findings = new ArrayList<>();
    log.remarks().forEach(r -> findings.add(new LogFinding(Severity.REMARK, -1, r)));
    if (log.events().isEmpty()) {
      findings.add(new LogFinding(Severity.REMARK, -1, "the log has no events"));
    }
    log.events().forEach(event -> examine(log, event, findings));
    return List.copyOf(findings);
  }

  /** Whether any finding is an error. */
  public static boolean anyError(List<LogFinding> findings) {
    return findings.stream().anyMatch(f -> f.severity() == Severity.ERROR);
  }

  private static void examine(EventLog log, LogEvent event, List<LogFinding> findings) {
    int number = event.number();
    Optional<MeasurementRegister> register = event.register();
    if (register.isEmpty()) {
      findings.add(error(number, "MR index " + event.mrIndex() + " names no register; 0 to 4 do"));
    } else if (register.get() == MeasurementRegister.MRTD && event.extendsRegister()) {
      findings.add(error(number, "MR index 0 is MRTD, which a running guest can't extend"));
    }
    if (!event.extendsRegister()) {
      if (event.sha384().map(d -> !d.hex().matches("0+")).orElse(false)) {
        findings.add(remark(number, "an EV_NO_ACTION event has a digest that is not zero"));
      }
      return;
    }
    DigestCheck check = DigestCheck.of(event);
    switch (check.verdict()) {
      case DIFFERS ->
          findings.add(
              error(
                  number,
                  "%s: the digest is not the one of %s"
                      .formatted(event.type().label(), check.covers())));
      case NO_DIGEST -> findings.add(error(number, "no SHA-384 digest, so no RTMR was extended"));
      case MATCHES, NOT_IN_LOG -> {
        // as it should be
      }
    }
    boolean noData = log.format() != EventLog.Format.CCEL && event.size() == 0;
    if (!noData
        && EventDecoder.decode(event) instanceof EventDetail.Opaque opaque
        && opaque.reason().startsWith("malformed")) {
      findings.add(error(number, event.type().label() + ": " + opaque.reason()));
    }
    if (!event.type().known()) {
      findings.add(remark(number, "event type " + event.type().label() + " is not known"));
    }
  }

  private static LogFinding error(int event, String text) {
    return new LogFinding(Severity.ERROR, event, text);
  }

  private static LogFinding remark(int event, String text) {
    return new LogFinding(Severity.REMARK, event, text);
  }
}
