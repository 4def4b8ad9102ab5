package org.swtdx.attestation.eventlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.swtdx.attestation.eventlog.Logs.text;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.eventlog.EventLog.Format;
import org.swtdx.attestation.eventlog.EventLogException.Problem;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class JsonLogReaderTest {
  private static final String DIGEST = "ab".repeat(48);

  @Test
  void whatIsWrittenIsReadBack() throws EventLogException {
    EventLog boot = Logs.boot().log();
    ObjectNode root = new JsonMapper().createObjectNode();
    root.put("kind", "swtdx.eventlog").put("version", 1);
    EventLogJson.put(root, boot);

    EventLog read = EventLogs.read(text(root.toPrettyString()));

    assertThat(read.format()).isEqualTo(Format.SWTDX_JSON);
    assertThat(read.events()).hasSameSizeAs(boot.events());
    for (int i = 0; i < boot.events().size(); i++) {
      assertThat(read.events().get(i).sameAs(boot.events().get(i))).isTrue();
    }
    assertThat(Replay.of(read).values()).isEqualTo(Replay.of(boot).values());
  }

  @Test
  void dstackListsAreRead() throws EventLogException {
    byte[] measured = Logs.concat(Logs.little(4, 0x08000001), text(":app-id:"), new byte[] {1, 2});
    String event =
        "{\"imr\":3,\"event_type\":134217729,\"digest\":\"%s\",\"event\":\"app-id\","
            .formatted(Sha384.hex(measured));
    String list = "[" + event + "\"event_payload\":\"0102\"}]";
    String quoted =
        "{\"quote\":\"00\",\"event_log\":" + new JsonMapper().writeValueAsString(list) + "}";

    for (String document : new String[] {list, quoted, "  {\"event_log\":" + list + "}"}) {
      EventLog log = EventLogs.read(text(document));

      assertThat(log.format()).isEqualTo(Format.DSTACK_JSON);
      assertThat(log.events().getFirst().registerLabel()).isEqualTo("RTMR3");
      assertThat(EventDecoder.decode(log.events().getFirst()).summary()).isEqualTo("app-id: 0102");
      assertThat(LogFinding.of(log)).isEmpty();
    }
    EventLog changed = EventLogs.read(text(list.replace("0102", "0103")));
    assertThat(LogFinding.anyError(LogFinding.of(changed))).isTrue();
  }

  @Test
  void trusteeDocumentsAndRunsAreRead() throws EventLogException {
    EventLog trustee =
        EventLogs.read(
            text(
                """
                {"uefi_event_logs":[{"index":2,"type_name":"EV_SEPARATOR","event":"AAAAAA==",
                 "digests":[{"alg":"SHA-384","digest":"%s"}]}]}\
                """
                    .formatted(Sha384.hex(new byte[4]))));
    assertThat(trustee.events().getFirst().registerLabel()).isEqualTo("RTMR1");
    assertThat(LogFinding.of(trustee)).isEmpty();

    EventLog run =
        EventLogs.read(
            text(
                """
                {"kind":"swtdx.run","version":1,
                 "td":{"rtmrExtensions":[{"rtmr":3,"digest":"%s"}]}}\
                """
                    .formatted(DIGEST)));
    assertThat(run.format()).isEqualTo(Format.RUN_JSON);
    assertThat(run.events().getFirst().sha384().orElseThrow().hex()).isEqualTo(DIGEST);
    assertThat(LogFinding.of(run)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[1]",
        "{}",
        "{\"uefi_event_logs\":3}",
        "{\"kind\":\"swtdx.eventlog\"}",
        "{\"kind\":\"swtdx.run\"}",
        "{\"kind\":\"swtdx.run\",\"kind\":\"swtdx.run\"}",
        "{\"event_log\":\"[\"}",
        "[{\"imr\":3}]",
        "[{\"imr\":-1,\"event_type\":1,\"digest\":\"\",\"event\":\"\",\"event_payload\":\"\"}]",
        "[{\"imr\":1,\"event_type\":1.5,\"digest\":\"\",\"event\":\"\",\"event_payload\":\"\"}]",
        "[{\"imr\":1,\"event_type\":1,\"digest\":\"00\",\"event\":\"\",\"event_payload\":\"\"}]",
        "[{\"imr\":1,\"event_type\":1,\"digest\":\"\",\"event\":\"\",\"event_payload\":\"xyz\"}]",
        "{\"uefi_event_logs\":[{\"index\":1,\"type_name\":\"EV_NOSUCH\"}]}",
        "{\"uefi_event_logs\":[{\"index\":1,\"type_name\":\"EV_SEPARATOR\",\"event\":\"*\"}]}",
      })
  void badDocumentsAreOneLineErrors(String document) {
    assertThatThrownBy(() -> EventLogs.read(text(document)))
        .isInstanceOfSatisfying(
            EventLogException.class,
            e -> {
              assertThat(e.problem()).isEqualTo(Problem.BAD_JSON);
              assertThat(e.getMessage()).doesNotContain("\n");
            });
  }

  @Test
  void anUnknownAlgorithmIsNamed() {
    String document =
        "{\"uefi_event_logs\":[{\"index\":1,\"type_name\":\"EV_SEPARATOR\",\"event\":\"\","
            + "\"digests\":[{\"alg\":\"MD5\",\"digest\":\"00\"}]}]}";

    assertThatThrownBy(() -> EventLogs.read(text(document)))
        .isInstanceOf(EventLogException.class)
        .hasMessageContaining("'MD5'");
  }

  @Test
  void aDeeplyNestedDocumentIsRefused() {
    assertThatThrownBy(() -> EventLogs.read(text("[".repeat(100_000))))
        .isInstanceOf(EventLogException.class);
  }
}
