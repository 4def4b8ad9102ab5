package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.swtdx.attestation.eventlog.Logs.concat;
import static org.swtdx.attestation.eventlog.Logs.little;
import static org.swtdx.attestation.eventlog.Logs.text;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.eventlog.EventLogException.Problem;

class CcelReaderTest {
  private static final int HEADER = 32 + 33;
  private static final byte[] BOOT = Logs.boot().binary();

  @Test
  void whatIsWrittenIsReadBack() throws EventLogException {
    EventLog log = EventLogs.read(BOOT);

    assertThat(log.specId()).contains(SpecId.ofTd());
    assertThat(log.events()).hasSize(11);
    assertThat(log.bytesUsed()).isEqualTo(BOOT.length);
    assertThat(CcelWriter.write(log)).isEqualTo(BOOT);
    assertThat(LogFinding.of(log)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(bytes = {0, -1})
  void theUnusedAreaEndsTheLog(byte fill) throws EventLogException {
    for (int room : new int[] {1, 8, 15, 16, 4096}) {
      byte[] area = Arrays.copyOf(BOOT, BOOT.length + room);
      Arrays.fill(area, BOOT.length, area.length, fill);

      EventLog log = EventLogs.read(area);

      assertThat(log.events()).hasSize(11);
      assertThat(log.bytesUsed()).isEqualTo(BOOT.length);
      assertThat(log.remarks()).isEmpty();
    }
  }

  @Test
  void bytesBehindTheFillAreRemarked() throws EventLogException {
    byte[] area = Arrays.copyOf(BOOT, BOOT.length + 100);
    area[BOOT.length + 50] = 7;

    EventLog log = EventLogs.read(area);

    assertThat(log.events()).hasSize(11);
    assertThat(log.remarks()).singleElement().asString().contains("not uniform");
  }

  @TestFactory
  Stream<DynamicTest> everyCutIsNamedOrEndsBetweenEvents() {
    return Stream.of(
            1, 20, 31, 40, HEADER - 1, HEADER + 5, HEADER + 13, HEADER + 60, BOOT.length - 1)
        .map(
            length ->
                DynamicTest.dynamicTest(
                    "cut after " + length,
                    () -> assertProblem(Arrays.copyOf(BOOT, length), Problem.TRUNCATED)));
  }

  @TestFactory
  Stream<DynamicTest> badLogsAreNamed() {
    byte[] event = {1, 0, 0, 0, 4, 0, 0, 0};
    byte[] header = Arrays.copyOf(BOOT, HEADER);
    return Stream.of(
        bad("empty", new byte[0], Problem.EMPTY),
        bad("an empty area", new byte[4096], Problem.EMPTY),
        bad("text", text("hello, this is certainly no event log at all"), Problem.NOT_A_LOG),
        bad("another first event", set(BOOT, 4, 4), Problem.NOT_A_LOG),
        bad("Spec ID Event02", set(BOOT, 32 + 14, '2'), Problem.WRONG_SPEC_ID),
        bad("version 1.2", set(BOOT, 32 + 21, 1), Problem.WRONG_SPEC_ID),
        bad("no algorithms", set(BOOT, 32 + 24, 0), Problem.BAD_LENGTH),
        bad("unknown announced algorithm", set(BOOT, 32 + 28, 0x77), Problem.UNKNOWN_ALGORITHM),
        bad("wrong digest size", set(BOOT, 32 + 30, 32), Problem.BAD_LENGTH),
        bad("vendor info too long", set(BOOT, 32 + 32, 9), Problem.TRUNCATED),
        bad(
            "no digests",
            concat(header, event, little(4, 0), little(4, 1), little(1, 9)),
            Problem.BAD_LENGTH),
        bad("two digests", concat(header, event, little(4, 2), new byte[200]), Problem.BAD_LENGTH),
        bad(
            "algorithm of an event not announced",
            concat(header, event, little(4, 1), little(2, 0xb), new byte[100]),
            Problem.UNKNOWN_ALGORITHM),
        bad(
            "algorithm of an event unknown",
            concat(header, event, little(4, 1), little(2, 0x99), new byte[100]),
            Problem.UNKNOWN_ALGORITHM),
        bad(
            "event of 4 GiB",
            concat(header, event, little(4, 1), little(2, 0xc), new byte[48], little(4, -1)),
            Problem.TRUNCATED),
        bad("the table instead of the log", table(), Problem.NOT_A_LOG));
  }

  private static DynamicTest bad(String name, byte[] input, Problem problem) {
    return DynamicTest.dynamicTest(name, () -> assertProblem(input, problem));
  }

  private static void assertProblem(byte[] input, Problem problem) {
    assertThatThrownBy(() -> EventLogs.read(input))
        .isInstanceOfSatisfying(
            EventLogException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(problem);
              assertThat(e.getMessage()).doesNotContain("\n").contains("; ");
            });
  }

  private static byte[] set(byte[] bytes, int at, int value) {
    byte[] copy = bytes.clone();
    copy[at] = (byte) value;
    return copy;
  }

  static byte[] table() {
    byte[] table =
        concat(
            text("CCEL"),
            little(4, 56),
            new byte[] {1, 0},
            text("INTEL EDK2    "),
            little(4, 2),
            text("    "),
            little(4, 0x01000013),
            new byte[] {2, 0, 0, 0},
            little(8, 0x40000),
            little(8, 0xbedbf000L));
    int sum = 0;
    for (byte b : table) {
      sum += b;
    }
    table[9] = (byte) -sum;
    return table;
  }

  @Test
  void theTableSaysWhereTheLogIs() throws EventLogException {
    CcelTable parsed = CcelTable.parse(table());

    assertThat(parsed.oemId()).isEqualTo("INTEL");
    assertThat(parsed.oemTableId()).isEqualTo("EDK2");
    assertThat(parsed.ccType()).isEqualTo(CcelTable.TYPE_TDX);
    assertThat(parsed.logAreaBytes()).isEqualTo(0x40000);
    assertThat(parsed.logAreaAddress()).isEqualTo(0xbedbf000L);
    assertThat(parsed.checksumHolds()).isTrue();
    assertThat(CcelTable.parse(set(table(), 50, 1)).checksumHolds()).isFalse();
    assertThatThrownBy(() -> CcelTable.parse(set(table(), 4, 57)))
        .isInstanceOf(EventLogException.class);
    assertThatThrownBy(() -> CcelTable.parse(Arrays.copyOf(table(), 20)))
        .isInstanceOf(EventLogException.class);
  }

  @Test
  void noDamageCausesAnythingButAnEventLogException() {
    Random random = new Random(20261121);
    for (int round = 0; round < 5000; round++) {
      byte[] damaged = Arrays.copyOf(BOOT, BOOT.length + random.nextInt(40));
      for (int flips = random.nextInt(6); flips >= 0; flips--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      try {
        EventLog log = EventLogs.read(damaged);
        Replay.of(log);
        LogFinding.of(log);
        log.events().forEach(e -> assertThat(EventDecoder.decode(e).summary()).isNotNull());
      } catch (EventLogException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
  }
}
