package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs through every layer, as a user starts them. */
class RunCommandTest {
  private static final Pattern MRTD = Pattern.compile("MRTD +([0-9a-f]{96})");

  @TempDir private Path folder;

  @Test
  void theBuiltInTdEndsWithAVerifiedQuote() throws IOException {
    Path console = folder.resolve("console");
    Path json = folder.resolve("run.json");

    CommandLineRun run =
        CommandLineRun.of(
            "run", "--memory", "256M", "--serial", "file:" + console, "--json", json.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("the guest powered off", "quote          verified", "TEST PKI", "(0 leaked)");
    assertThat(Files.readString(console))
        .contains("Hello from inside a Trust Domain", "TEST PKI", mrtd(run))
        .contains("announced by interrupt 0x51");
    assertThat(Files.readString(json))
        .contains("\"kind\" : \"swtdx.run\"", "\"verified\" : true", "\"keyIds\" : 0");
  }

  @Test
  void ownersRegistersReachTheQuote() {
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--serial",
            "null",
            "--memory",
            "128M",
            "--mrconfigid",
            "11".repeat(48),
            "--mrowner",
            "22".repeat(48),
            "--mrownerconfig",
            "33".repeat(48));

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("quote          verified");
  }

  @ParameterizedTest
  @CsvSource({"1,256M", "2,512M"})
  void debianOvmfReachesTheShellAsATd(int cpus, String memory) {
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--firmware",
            DebianOvmf.require().toString(),
            "--cpus",
            Integer.toString(cpus),
            "--memory",
            memory,
            "--serial",
            "null",
            "--until",
            "Shell>",
            "--timeout",
            "240s");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("the console printed 'Shell>'", "(0 leaked)");
    assertThat(mrtd(run))
        .isEqualTo(
            CommandLineRun.of(
                    "measure", "--firmware", DebianOvmf.IMAGE.toString(), "--format", "raw")
                .out()
                .strip());
  }

  @Test
  void aRunThatTakesTooLongEndsWithStatus124() {
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--firmware",
            DebianOvmf.require().toString(),
            "--memory",
            "256M",
            "--serial",
            "null",
            "--timeout",
            "1s");

    assertThat(run.status()).isEqualTo(ExitStatus.TIMEOUT);
    assertThat(run.err()).contains("no end within 1 s", "(0 leaked)");
  }

  @Test
  void cpuHelpListsModelsAndFeatures() {
    CommandLineRun run = CommandLineRun.of("run", "--cpu", "help");
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("SapphireRapids", "Haswell", "max, host", " avx2 ", " pku ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Z80 | 2 | --cpu: unknown CPU model 'Z80'",
        "max,+avx512f | 2 | CPU without avx512f: the engine doesn't implement that"
      })
  void processorsThatAreNotThereAreRefused(String cpu, int status, String message) {
    CommandLineRun run =
        CommandLineRun.of("run", "--cpu", cpu, "--memory", "128M", "--serial", "null");
    assertThat(run.status()).as(run.err()).isEqualTo(status);
    assertThat(run.err()).contains(message);
  }

  @Test
  void theBuiltInTdRunsOnANamedModel() {
    CommandLineRun run =
        CommandLineRun.of(
            "run", "--cpu", "Icelake-Server,-sha-ni", "--memory", "128M", "--serial", "null");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("quote          verified");
  }

  private static String mrtd(CommandLineRun run) {
    Matcher matcher = MRTD.matcher(run.err());
    assertThat(matcher.find()).as(run.err()).isTrue();
    return matcher.group(1);
  }
}
