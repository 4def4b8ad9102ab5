package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a log's digests make of the run-time registers: each starts with zeros, and each event sets
 * it to SHA-384 of its value and the event's SHA-384 digest.
 *
 * @param values RTMR0 to RTMR3 after the last event, in lower-case hexadecimal
 * @param steps the value of its register after each event that extended one
 */
public record Replay(Map<MeasurementRegister, String> values, List<Step> steps) {
  /**
   * One extension.
   *
   * @param event the event
   * @param register the register, never MRTD
   * @param after the register's value after it
   */
  public record Step(LogEvent event, MeasurementRegister register, String after) {}

  /** Copies the collections. */
  public Replay {
    values = Map.copyOf(values);
    steps = List.copyOf(steps);
  }

  /** Replays all events. Those that name no RTMR or lack a SHA-384 digest extend nothing. */
  public static Replay of(EventLog log) {
    return of(log.events());
  }

  /** Replays events. */
  public static Replay of(List<LogEvent> events) {
    Map<MeasurementRegister, byte[]> state = new EnumMap<>(MeasurementRegister.class);
    for (int i = 0; i < 4; i++) {
      state.put(MeasurementRegister.rtmr(i), new byte[HashAlgorithm.SHA384.bytes()]);
    }
    List<Step> steps = new ArrayList<>();
    for (LogEvent event : events) {
      MeasurementRegister register = event.register().orElse(MeasurementRegister.MRTD);
      Optional<EventDigest> digest = event.sha384();
      byte[] before = state.get(register);
      if (event.extendsRegister() && before != null && digest.isPresent()) {
        byte[] after = Sha384.extend(before, HexFormat.of().parseHex(digest.get().hex()));
        state.put(register, after);
        steps.add(new Step(event, register, HexFormat.of().formatHex(after)));
      }
    }
    Map<MeasurementRegister, String> values = new EnumMap<>(MeasurementRegister.class);
    state.forEach((register, value) -> values.put(register, HexFormat.of().formatHex(value)));
    return new Replay(values, steps);
  }

  /** The value of an RTMR after the last event, in hexadecimal. */
  public String value(MeasurementRegister register) {
    String value = values.get(register);
    if (value == null) {
      throw new IllegalArgumentException("a log says nothing about " + register);
    }
    return value;
  }

  /** The steps of one register. */
  public List<Step> steps(MeasurementRegister register) {
    return steps.stream().filter(s -> s.register() == register).toList();
  }
}
