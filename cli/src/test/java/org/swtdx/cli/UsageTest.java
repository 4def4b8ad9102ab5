package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nosuch",
        "run --memory 1X",
        "run --cpus 0",
        "run --cpus many",
        "run --type sev",
        "run --timeout soon",
        "run --timeout 0s",
        "run --until (",
        "run --serial pty",
        "run --attributes sept-ve-disable,nosuch",
        "run --mrowner 00",
        "run --firmware /nosuch/OVMF.fd",
        "run --firmware /",
        "run --type default",
        "run --json /nosuch/run.json",
        "run --serial file:/nosuch/console",
        "run extra",
        "exec",
        "exec --cpus 0 -- true",
        "exec --connect=/nosuch --cpus 2 -- true",
        "serve extra",
        "serve --json",
        "serve --status --stop",
        "serve --status --socket /nosuch/socket",
        "serve --program-tds 0 --socket /nosuch/socket",
        "serve --socket /nosuch/socket --memory 1G",
        "measure",
        "measure --firmware /nosuch/OVMF.fd",
        "measure --firmware /dev/null",
        "measure --firmware /dev/null --order sideways",
        "measure --firmware /dev/null --format xml",
        "capabilities extra"
      })
  void wrongUsageIsStatusTwoWithOneReason(String line) {
    CommandLineRun run = CommandLineRun.of(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("swtdx: ").hasLineCount(run.err().contains("Try '") ? 2 : 1);
  }

  @Test
  void aTruncatedImageIsAOneLineErrorWithStatusTwo() throws IOException {
    byte[] image = Files.readAllBytes(DebianOvmf.require());
    Path cut = folder.resolve("cut.fd");
    Files.write(cut, java.util.Arrays.copyOf(image, image.length / 2));

    CommandLineRun run = CommandLineRun.of("run", "--firmware", cut.toString());

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    // Whichever test is the first to run a TD is told of the keys that were made for it.
    assertThat(run.err().lines().filter(line -> !line.contains("created a TEST PKI"))).hasSize(1);
  }

  @Test
  void helpAndVersionGoToStandardOutput() {
    assertThat(CommandLineRun.of("--help").out()).contains("run", "measure", "capabilities");
    assertThat(CommandLineRun.of("--version").out()).contains("swtdx " + BuildVersion.VERSION);
    assertThat(CommandLineRun.of("run", "--help").out()).contains("--until=REGEX");
  }

  @Test
  void completionNamesEverySubcommand() {
    CommandLineRun run = CommandLineRun.of("completion");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("_complete_swtdx", "measure", "capabilities", "--firmware");
  }
}
