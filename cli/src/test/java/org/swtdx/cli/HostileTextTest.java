package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.attestation.text.Printable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logs, quotes and names of files that were made to fool a terminal are shown without harm. */
final class HostileTextTest {
  /** Clears a screen, goes back to the line's beginning, and turns text around. */
  private static final String HOSTILE = "a\u001b[2J\rx: verified\u202e\u009b7m";

  @TempDir private Path folder;

  private static void assertHarmless(String text) {
    assertThat(text.lines()).isNotEmpty().allMatch(Printable::isClean);
  }

  private Path log() throws IOException {
    String name = JsonMapper.shared().writeValueAsString(HOSTILE);
    String data = HexFormat.of().formatHex(HOSTILE.getBytes(StandardCharsets.UTF_8));
    String event =
        "{\"imr\":%d,\"event_type\":%d,\"event\":%s,\"event_payload\":\"%s\",\"digest\":\"%s\"}";
    String digest = "00".repeat(48);
    return Files.writeString(
        folder.resolve("log.json"),
        "[%s,%s,%s]"
            .formatted(
                event.formatted(0, 0x80000007L, name, data, digest),
                event.formatted(1, 0xd, name, data, digest),
                event.formatted(3, 0x08000001, name, data, digest)));
  }

  @Test
  void eventLogsAreShownEscaped() throws IOException {
    Path log = log();

    CommandLineRun show = CommandLineRun.of("eventlog", "show", log + "");
    CommandLineRun replay = CommandLineRun.of("eventlog", "replay", log + "", "--steps");

    assertHarmless(show.out());
    assertThat(show.out()).contains("a\\x1b[2J\\x0dx: verified\\u202e\\x9b7m");
    assertHarmless(replay.out());
  }

  @Test
  void jsonHoldsTheTextItselfAndIsAscii() throws IOException {
    CommandLineRun show = CommandLineRun.of("eventlog", "show", log() + "", "--json");

    JsonNode document = JsonMapper.shared().readTree(show.out());

    assertThat(document.path("events").path(2).path("name").asString()).isEqualTo(HOSTILE);
    assertHarmless(show.out());
    assertThat(show.out().chars()).allMatch(c -> c < 0x7f);
  }

  @Test
  void logsThatCannotBeReadAreReportedOnOneLine() throws IOException {
    Path log =
        Files.writeString(
            folder.resolve("types.json"),
            JsonMapper.shared()
                .writeValueAsString(
                    JsonMapper.shared()
                        .createObjectNode()
                        .set(
                            "uefi_event_logs",
                            JsonMapper.shared()
                                .createArrayNode()
                                .add(
                                    JsonMapper.shared()
                                        .createObjectNode()
                                        .put("type_name", HOSTILE)))));

    CommandLineRun run = CommandLineRun.of("eventlog", "show", log + "");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err().lines()).hasSize(1);
    assertHarmless(run.err());
  }

  @Test
  void namesOfFilesAreEscaped() throws IOException {
    Path quotes = Files.createDirectory(folder.resolve("quotes"));
    Files.write(quotes.resolve("b\u001b[2J\nquote: verified"), new byte[] {9});

    CommandLineRun text = CommandLineRun.of("quote", "verify", quotes + "", "--signatures-only");
    CommandLineRun json =
        CommandLineRun.of("quote", "verify", quotes + "", "--signatures-only", "--json");
    CommandLineRun show =
        CommandLineRun.of("quote", "show", quotes.resolve("b\u001b[2J\nquote: verified") + "");

    assertThat(text.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(text.out().lines()).hasSize(1);
    assertHarmless(text.out());
    assertThat(json.out().lines()).hasSize(1);
    assertThat(JsonMapper.shared().readTree(json.out()).path("verdict").asString())
        .isEqualTo("refused");
    assertThat(show.status()).isEqualTo(ExitStatus.USAGE);
    assertHarmless(show.err());
  }
}
