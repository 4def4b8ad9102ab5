package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Two logs, register by register.
 *
 * @param rows RTMR0 to RTMR3
 */
public record LogComparison(List<Row> rows) {
  /** Copies the list. */
  public LogComparison {
    rows = List.copyOf(rows);
  }

  /**
   * One register.
   *
   * @param register RTMR0 to RTMR3
   * @param value the log's value
   * @param referenceValue the reference's value
   * @param agreeing number of events at the start that have the same digests
   * @param divergence where the logs part, if they do
   */
  public record Row(
      MeasurementRegister register,
      String value,
      String referenceValue,
      int agreeing,
      Optional<Divergence> divergence) {
    /** Whether all digests are the same. */
    public boolean agrees() {
      return divergence.isEmpty();
    }
  }

  /**
   * The first event that differs.
   *
   * @param event the log's event; empty if the log ends before it
   * @param reference the reference's event; empty if the reference ends before it
   * @param kind what differs
   * @param meaning what such a difference usually comes from, or nothing
   */
  public record Divergence(
      Optional<LogEvent> event, Optional<LogEvent> reference, Kind kind, String meaning) {}

  /** What differs. */
  public enum Kind {
    /** The same kind of event with another digest. */
    DIGEST,
    /** The log has an event that the reference lacks. */
    ADDED,
    /** The log lacks an event that the reference has. */
    MISSING,
    /** Another event stands in its place. */
    OTHER_EVENT
  }

  /** Whether all registers agree. */
  public boolean agrees() {
    return rows.stream().allMatch(Row::agrees);
  }

  /**
   * Compares the SHA-384 digests of two logs in their order.
   *
   * @param log the log
   * @param reference what it ought to be
   */
  public static LogComparison of(EventLog log, EventLog reference) {
    Replay one = Replay.of(log);
    Replay two = Replay.of(reference);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      MeasurementRegister register = MeasurementRegister.rtmr(i);
      rows.add(compare(register, one, two));
    }
    return new LogComparison(rows);
  }

  private static Row compare(MeasurementRegister register, Replay one, Replay two) {
    List<LogEvent> events = one.steps(register).stream().map(Replay.Step::event).toList();
    List<LogEvent> references = two.steps(register).stream().map(Replay.Step::event).toList();
    int same = 0;
    while (same < events.size()
        && same < references.size()
        && sameDigest(events.get(same), references.get(same))) {
      same++;
    }
    Optional<Divergence> divergence =
        same == events.size() && same == references.size()
            ? Optional.empty()
            : Optional.of(divergence(events, references, same));
    return new Row(register, one.value(register), two.value(register), same, divergence);
  }

  private static boolean sameDigest(LogEvent a, LogEvent b) {
    return a.sha384().equals(b.sha384());
  }

  private static Divergence divergence(List<LogEvent> events, List<LogEvent> references, int at) {
    Optional<LogEvent> event = at < events.size() ? Optional.of(events.get(at)) : Optional.empty();
    Optional<LogEvent> reference =
        at < references.size() ? Optional.of(references.get(at)) : Optional.empty();
    Kind kind;
    if (event.isEmpty() || next(event.get(), references, at + 1)) {
      kind = Kind.MISSING;
    } else if (reference.isEmpty() || next(reference.get(), events, at + 1)) {
      kind = Kind.ADDED;
    } else {
      kind = sameKind(event.get(), reference.get()) ? Kind.DIGEST : Kind.OTHER_EVENT;
    }
    String meaning =
        Meaning.of(kind == Kind.MISSING ? reference.orElseThrow() : event.orElseThrow());
    return new Divergence(event, reference, kind, meaning);
  }

  /** Whether the very next event of a list is this one. */
  private static boolean next(LogEvent event, List<LogEvent> list, int at) {
    return at < list.size() && sameDigest(event, list.get(at));
  }

  private static boolean sameKind(LogEvent a, LogEvent b) {
    if (!a.type().equals(b.type())) {
      return a.size() == 0 || b.size() == 0; // digests alone don't say what they are of
    }
    EventDetail one = EventDecoder.decode(a);
    EventDetail two = EventDecoder.decode(b);
    if (one instanceof EventDetail.Variable v && two instanceof EventDetail.Variable w) {
      return v.name().equals(w.name()) && v.guid().equals(w.guid());
    }
    return !(one instanceof EventDetail.Text t && two instanceof EventDetail.Text u)
        || t.writer().equals(u.writer());
  }
}
