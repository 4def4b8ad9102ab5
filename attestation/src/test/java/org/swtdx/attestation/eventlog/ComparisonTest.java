package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.attestation.eventlog.Logs.text;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.eventlog.LogComparison.Kind;
import org.swtdx.attestation.eventlog.LogComparison.Row;

class ComparisonTest {
  private final EventLog boot = Logs.boot().log();

  @Test
  void aRegisterIsTheHashOfItsOldValueAndTheDigest() {
    EventLog log = new Logs().add(2, 5, text("a")).add(2, 5, text("b")).log();

    byte[] zero = new byte[48];
    byte[] one = Sha384.extend(zero, HexFormat.of().parseHex(Sha384.hex(text("a"))));
    byte[] two = Sha384.extend(one, HexFormat.of().parseHex(Sha384.hex(text("b"))));
    assertThat(Replay.of(log).value(MeasurementRegister.RTMR1))
        .isEqualTo(HexFormat.of().formatHex(two));
    assertThat(Replay.of(log).value(MeasurementRegister.RTMR0)).matches("0{96}");
    assertThat(Replay.of(log).steps()).hasSize(2);
  }

  @Test
  void noActionExtendsNothing() {
    EventLog log = new Logs().add(1, 3, text("StartupLocality")).log();

    assertThat(Replay.of(log).steps()).isEmpty();
  }

  @Test
  void aLogAgreesWithItsOwnRegisters() {
    RegisterComparison comparison = RegisterComparison.of(boot, Replay.of(boot).values());

    assertThat(comparison.agrees()).isTrue();
    assertThat(comparison.rows()).hasSize(4);
  }

  @Test
  void hintsSayWhichEventExplainsTheDifference() {
    assertThat(hint(0, value(without(boot, 2), 0))).contains("without event 2 (EV_SEPARATOR)");
    assertThat(hint(0, value(new ArrayList<>(boot.events().subList(0, 4)), 0)))
        .contains("value after event 3", "last 1 of its 5 events");
    assertThat(hint(0, "00".repeat(48))).contains("never extended");
    assertThat(hint(0, value(boot.events(), 1))).contains("what the log gives RTMR1");
    assertThat(hint(0, "12".repeat(48))).contains("none of its 5 events");
    assertThat(hint(new Logs().log(), 2, "12".repeat(48))).contains("no event for it");
  }

  @Test
  void theFirstDivergingEventIsFound() {
    EventLog other = swap(boot, 3, text("other tables"));

    LogComparison comparison = LogComparison.of(other, boot);

    assertThat(comparison.agrees()).isFalse();
    Row row = comparison.rows().getFirst();
    assertThat(row.agreeing()).isEqualTo(3);
    assertThat(row.divergence().orElseThrow().kind()).isEqualTo(Kind.DIGEST);
    assertThat(row.divergence().orElseThrow().event().orElseThrow().number()).isEqualTo(3);
    assertThat(row.divergence().orElseThrow().meaning()).contains("ACPI tables");
    assertThat(comparison.rows().subList(1, 4)).allMatch(Row::agrees);
  }

  @Test
  void missingAndAddedEventsAreToldApart() {
    EventLog less = EventLog.predicted(without(boot, 1));

    assertThat(first(less, boot)).isEqualTo(Kind.MISSING);
    assertThat(first(boot, less)).isEqualTo(Kind.ADDED);
    assertThat(first(EventLog.predicted(without(boot, 4)), boot)).isEqualTo(Kind.MISSING);
    assertThat(first(boot, EventLog.predicted(without(boot, 4)))).isEqualTo(Kind.ADDED);
    assertThat(first(swap(boot, 3, text("x")), boot)).isEqualTo(Kind.DIGEST);
    EventLog another = new Logs().add(1, 0x80000001, Logs.variable("db", text("x"))).log();
    assertThat(first(another, boot)).isEqualTo(Kind.OTHER_EVENT);
    assertThat(LogComparison.of(boot, boot).agrees()).isTrue();
  }

  private static Kind first(EventLog log, EventLog reference) {
    return LogComparison.of(log, reference).rows().getFirst().divergence().orElseThrow().kind();
  }

  private String hint(int rtmr, String value) {
    return hint(boot, rtmr, value);
  }

  private static String hint(EventLog log, int rtmr, String value) {
    return RegisterComparison.of(log, Map.of(MeasurementRegister.rtmr(rtmr), value))
        .rows()
        .getFirst()
        .hint();
  }

  private static String value(List<LogEvent> events, int rtmr) {
    return Replay.of(events).value(MeasurementRegister.rtmr(rtmr));
  }

  private static List<LogEvent> without(EventLog log, int number) {
    return log.events().stream().filter(e -> e.number() != number).toList();
  }

  private static EventLog swap(EventLog log, int number, byte[] measured) {
    List<LogEvent> events = new ArrayList<>(log.events());
    LogEvent old = events.get(number);
    EventDigest digest = new EventDigest(HashAlgorithm.SHA384, Sha384.hex(measured));
    events.set(
        number,
        new LogEvent(number, old.mrIndex(), old.type(), List.of(digest), old.data(), old.name()));
    return EventLog.predicted(events);
  }
}
