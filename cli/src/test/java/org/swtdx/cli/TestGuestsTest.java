package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Guest programs that test the processor and the machine as a whole. Each prints a row per case;
 * the rows that must pass are listed beside its source.
 */
class TestGuestsTest {
  @TempDir private static Path images;

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws IOException, InterruptedException {
    TestGuests.requireCompiler();
    TestGuests.script(TestGuests.sources().resolve("build.sh"), images.toString());
  }

  @ParameterizedTest(name = "{0}, irqchip {1}")
  @CsvSource({
    "exceptions, on",
    "paging64, on",
    "paging64-la57, on",
    "protected32, split",
    "timers, on",
    "timers, split"
  })
  void everyRowPasses(String guest, String irqchip) throws IOException {
    Path console = folder.resolve("console");

    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--type",
            "default",
            "--kernel",
            images.resolve(guest + ".elf").toString(),
            "--irqchip",
            irqchip,
            "--cpu",
            "max",
            "--cpus",
            "2",
            "--memory",
            "64M",
            "--serial",
            "file:" + console,
            "--timeout",
            "120s");

    List<String> rows = Files.readAllLines(console, US_ASCII);
    List<String> wanted =
        Files.readAllLines(TestGuests.sources().resolve("rows/" + guest + ".txt"));
    assertThat(rows.stream().filter(row -> row.startsWith("FAIL "))).as(run.err()).isEmpty();
    assertThat(rows.stream().filter(TestGuestsTest::counts).map(row -> row.substring(5)))
        .as(run.err())
        .containsExactlyElementsOf(wanted);
    assertThat(run.status()).as(run.err()).isEqualTo(1);
  }

  /** Rows that pass, and those that a processor without supervisor protection keys skips. */
  private static boolean counts(String row) {
    return row.startsWith("PASS ") || row.startsWith("SKIP PKRS ");
  }
}
