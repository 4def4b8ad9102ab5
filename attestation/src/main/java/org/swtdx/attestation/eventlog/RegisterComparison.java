package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.swtdx.attestation.eventlog.Replay.Step;

/**
 * A log against register values, for example those of a quote.
 *
 * @param rows one row for each register that was compared
 */
public record RegisterComparison(List<Row> rows) {
  private static final int MOST_TRIED = 512;
  private static final String ZERO = "0".repeat(2 * HashAlgorithm.SHA384.bytes());

  /**
   * One register.
   *
   * @param register RTMR0 to RTMR3
   * @param replayed the log's value, in hexadecimal
   * @param expected the value it was compared with, in hexadecimal
   * @param hint why they may differ, or nothing
   */
  public record Row(MeasurementRegister register, String replayed, String expected, String hint) {
    /** Whether both are the same. */
    public boolean agrees() {
      return replayed.equals(expected);
    }
  }

  /** Copies the list. */
  public RegisterComparison {
    rows = List.copyOf(rows);
  }

  /** Whether all registers agree. */
  public boolean agrees() {
    return rows.stream().allMatch(Row::agrees);
  }

  /**
   * Compares.
   *
   * @param log the log
   * @param expected values in lower-case hexadecimal, of RTMRs only
   */
  public static RegisterComparison of(EventLog log, Map<MeasurementRegister, String> expected) {
    Replay replay = Replay.of(log);
    List<Row> rows = new ArrayList<>();
    new EnumMap<>(expected)
        .forEach(
            (register, value) -> {
              String replayed = replay.value(register);
              String hint = replayed.equals(value) ? "" : hint(replay, register, value);
              rows.add(new Row(register, replayed, value, hint));
            });
    return new RegisterComparison(rows);
  }

  private static String hint(Replay replay, MeasurementRegister register, String value) {
    List<Step> steps = replay.steps(register);
    if (value.equals(ZERO)) {
      return "the register was never extended, the log has " + steps.size() + " events for it";
    }
    if (steps.isEmpty()) {
      return "the log has no event for it";
    }
    for (int i = 0; i < steps.size() - 1; i++) {
      if (steps.get(i).after().equals(value)) {
        return "it is the value after event %d; the last %d of its %d events came later"
            .formatted(steps.get(i).event().number(), steps.size() - i - 1, steps.size());
      }
    }
    for (Map.Entry<MeasurementRegister, String> other : replay.values().entrySet()) {
      if (other.getValue().equals(value)) {
        return "it is what the log gives " + other.getKey();
      }
    }
    return withoutOne(steps, value)
        .map(e -> "it is the value without event %d (%s)".formatted(e.number(), e.type().label()))
        .orElse("none of its " + steps.size() + " events explains it; compare with another log");
  }

  /** The event without which the value comes out, if there is one. */
  private static Optional<LogEvent> withoutOne(List<Step> steps, String value) {
    if (steps.size() > MOST_TRIED) {
      return Optional.empty();
    }
    List<LogEvent> events = steps.stream().map(Step::event).toList();
    for (int left = 0; left < events.size(); left++) {
      List<LogEvent> others = new ArrayList<>(events);
      LogEvent dropped = others.remove(left);
      if (Replay.of(others).value(steps.getFirst().register()).equals(value)) {
        return Optional.of(dropped);
      }
    }
    return Optional.empty();
  }
}
