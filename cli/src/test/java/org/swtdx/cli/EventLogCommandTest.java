package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.attestation.eventlog.CcelWriter;
import org.swtdx.attestation.eventlog.EventDigest;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventType;
import org.swtdx.attestation.eventlog.HashAlgorithm;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Replay;
import org.swtdx.attestation.eventlog.Sha384;

class EventLogCommandTest {
  @TempDir private Path folder;

  private final List<LogEvent> events = new ArrayList<>();
  private Path log = Path.of("");

  @BeforeEach
  void writeLog() throws IOException {
    add(1, EventType.SEPARATOR, new byte[4], new byte[4]);
    add(2, EventType.EFI_ACTION, "Calling".getBytes(UTF_8), "Calling".getBytes(UTF_8));
    add(3, EventType.IPL, "grub_cmd: boot\0".getBytes(UTF_8), "boot".getBytes(UTF_8));
    log = write("log.bin", events);
  }

  private void add(int mrIndex, EventType type, byte[] data, byte[] measured) {
    EventDigest digest = new EventDigest(HashAlgorithm.SHA384, Sha384.hex(measured));
    events.add(new LogEvent(events.size(), mrIndex, type, List.of(digest), data, ""));
  }

  private Path write(String name, List<LogEvent> list) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, CcelWriter.write(EventLog.predicted(list)));
    return file;
  }

  private static CommandLineRun eventlog(Object... words) {
    List<String> line = new ArrayList<>(List.of("eventlog"));
    for (Object word : words) {
      line.add(word.toString());
    }
    return CommandLineRun.of(line.toArray(String[]::new));
  }

  @Test
  void showListsEventsAndTakesItsOwnJson() throws IOException {
    CommandLineRun text = eventlog("show", log);
    assertThat(text.status()).isZero();
    assertThat(text.out()).contains("RTMR2  = IPL", "GRUB command: boot", "3 events");

    CommandLineRun json = eventlog("show", log, "--json");
    Path copy = folder.resolve("log.json");
    Files.writeString(copy, json.out());
    assertThat(eventlog("replay", copy).out()).isEqualTo(eventlog("replay", log).out());
  }

  @Test
  void replayPrintsTheRegisters() {
    String rtmr1 = Replay.of(events).value(MeasurementRegister.RTMR1);

    assertThat(eventlog("replay", log).out()).contains("RTMR1 " + rtmr1 + "  1 events");
    assertThat(eventlog("replay", log, "--json").out()).contains("\"RTMR1\" : \"" + rtmr1);
    assertThat(eventlog("replay", log, "--steps").out()).contains(rtmr1, "Calling");
  }

  @Test
  void compareSaysWhetherRegistersAreExplained() {
    String rtmr0 = Replay.of(events).value(MeasurementRegister.RTMR0);

    CommandLineRun good = eventlog("compare", log, "--rtmr", "0=" + rtmr0);
    assertThat(good.status()).isZero();
    assertThat(good.out().strip()).isEqualTo("RTMR0 agrees");

    CommandLineRun bad = eventlog("compare", log, "--rtmr", "0=" + rtmr0, "--rtmr", "2=" + rtmr0);
    assertThat(bad.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(bad.out()).contains("RTMR2 differs: it is what the log gives RTMR0");
  }

  @Test
  void compareTakesQuotesRawInHexadecimalAndInReports() throws IOException {
    Path quote = folder.resolve("quote");
    List<String> make = new ArrayList<>(List.of("quote", "make", "--out", quote.toString()));
    make.addAll(List.of("--pki", folder.resolve("pki").toString()));
    for (int i = 0; i < 3; i++) {
      make.add("--rtmr");
      make.add(i + "=" + Replay.of(events).value(MeasurementRegister.rtmr(i)));
    }
    CommandLineRun made = CommandLineRun.of(make.toArray(String[]::new));
    assertThat(made.status()).as(made.err()).isZero();
    String hex = HexFormat.of().formatHex(Files.readAllBytes(quote));
    Path text = Files.writeString(folder.resolve("quote.hex"), hex + "\n");
    Path report =
        Files.writeString(folder.resolve("report.json"), "{\"quote\":\"%s\"}".formatted(hex));

    for (Path form : List.of(quote, text, report)) {
      CommandLineRun run = eventlog("compare", log, "--quote", form);
      assertThat(run.status()).as(run.err()).isZero();
      assertThat(run.out()).contains("RTMR0 agrees", "RTMR3 agrees");
    }
    add(4, EventType.EVENT_TAG, new byte[8], new byte[8]);
    CommandLineRun later = eventlog("compare", write("later.bin", events), "--quote", quote);
    assertThat(later.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(later.out()).contains("RTMR3 differs: the register was never extended");
  }

  @Test
  void compareShowsTheFirstDivergingEvent() throws IOException {
    Path reference = write("reference.bin", events.subList(0, 2));

    CommandLineRun run = eventlog("compare", log, "--log", reference);
    assertThat(run.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(run.out())
        .contains(
            "RTMR0 agrees, 1 events", "RTMR2 differs after 0 events", "log has an event more");

    assertThat(eventlog("compare", log, "--log", log).status()).isZero();
    assertThat(eventlog("compare", log, "--log", reference, "--json").out())
        .contains("\"agrees\" : false", "\"kind\" : \"ADDED\"", "GRUB command: boot");
  }

  @Test
  void anUnsoundLogIsStatusOne() throws IOException {
    add(2, EventType.EFI_ACTION, "Exit".getBytes(UTF_8), "Enter".getBytes(UTF_8));
    Path unsound = write("unsound.bin", events);

    for (String command : List.of("show", "replay")) {
      CommandLineRun run = eventlog(command, unsound);
      assertThat(run.status()).isEqualTo(ExitStatus.FAILED);
      assertThat(run.out()).contains("wrong: event 3: EV_EFI_ACTION: the digest is not the one of");
    }
    assertThat(eventlog("compare", unsound, "--log", unsound).status())
        .isEqualTo(ExitStatus.FAILED);
  }

  @Test
  void unusableInputIsOneLineAndStatusTwo() throws IOException {
    Path cut = folder.resolve("cut.bin");
    byte[] bytes = Files.readAllBytes(log);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 1));
    Path text = folder.resolve("text");
    Files.writeString(text, "neither a log nor a quote");

    for (CommandLineRun run :
        List.of(
            eventlog("show", cut),
            eventlog("replay", text),
            eventlog("show", folder.resolve("absent")),
            eventlog("compare", log, "--quote", text),
            eventlog("compare", log, "--log", text))) {
      assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("swtdx: ").hasLineCount(1);
    }
    for (CommandLineRun run :
        List.of(
            eventlog(),
            eventlog("compare", log),
            eventlog("compare", log, "--rtmr", "4=" + "00".repeat(48)),
            eventlog("compare", log, "--rtmr", "0=00"),
            eventlog("compare", log, "--rtmr", "0"),
            eventlog("compare", log, "--log", log, "--quote", text))) {
      assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
      assertThat(run.err()).startsWith("swtdx: ");
    }
  }
}
