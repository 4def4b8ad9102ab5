package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --extension}: whole runs with what Linux's KVM does not have. */
class ExtensionsTest {
  @TempDir private Path folder;

  private static CommandLineRun run(String... extensions) {
    String[] args = new String[6 + 2 * extensions.length];
    System.arraycopy(
        new String[] {"run", "--memory", "128M", "--serial", "null", "-v"}, 0, args, 0, 6);
    for (int i = 0; i < extensions.length; i++) {
      args[6 + 2 * i] = "--extension";
      args[7 + 2 * i] = extensions[i];
    }
    return CommandLineRun.of(args);
  }

  private static int calls(CommandLineRun run, String leaf) {
    Matcher found = Pattern.compile("([0-9,]+) +" + Pattern.quote(leaf)).matcher(run.err());
    return found.find() ? Integer.parseInt(found.group(1).replace(",", "")) : 0;
  }

  @Test
  void aTdTakesItsMemoryInLargePagesAndIsTerminatedEarly() {
    CommandLineRun run = run("large-private-pages", "terminate-vm");

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("quote          verified", "(0 leaked)");
    assertThat(calls(run, "TDH.MEM.PAGE.AUG"))
        .as(run.err())
        .isPositive()
        .isLessThan(calls(run, "pages.private.accepted") / 10);
    assertThat(calls(run, "TDH.MEM.PAGE.REMOVE")).as("reclaimed at the end").isZero();
  }

  @Test
  void aDebuggableTdShowsItsRegistersAndItsQuoteIsRefusedByDefault() throws IOException {
    Path quote = folder.resolve("quote");
    Path collateral = folder.resolve("collateral.json");
    Path root = folder.resolve("root.pem");
    Path pki = folder.resolve("pki");
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--memory",
            "64M",
            "--serial",
            "null",
            "--extension",
            "debug-td",
            "--attributes",
            "debug,sept-ve-disable",
            "--pki",
            pki.toString(),
            "--quote",
            quote.toString(),
            "--collateral",
            collateral.toString());

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("0x0000000010000001 debug, sept-ve-disable")
        .containsPattern("vCPU 0 +cs:rip [0-9a-f]{4}:[0-9a-f]{16} .* code [0-9a-f]+");
    CommandLineRun show = CommandLineRun.of("pki", "root", "--pki", pki.toString());
    assertThat(show.status()).as(show.err()).isZero();
    Files.writeString(root, show.out());
    CommandLineRun verdict =
        CommandLineRun.of(
            "quote",
            "verify",
            "--root",
            root.toString(),
            "--collateral",
            collateral.toString(),
            quote.toString());
    assertThat(verdict.status()).as(verdict.err() + verdict.out()).isEqualTo(1);
    assertThat(verdict.out() + verdict.err()).containsIgnoringCase("debug");
  }

  @Test
  void withoutTheExtensionADebuggableTdIsRefused() {
    CommandLineRun run = CommandLineRun.of("run", "--serial", "null", "--attributes", "debug");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err()).contains("KVM doesn't offer TD attributes debug");
  }

  @Test
  void anUnknownExtensionIsAnsweredWithTheNamesOfAll() {
    for (String command : new String[] {"run", "exec"}) {
      CommandLineRun run = CommandLineRun.of(command, "--extension", "huge", "--", "true");

      assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
      assertThat(run.err())
          .contains("no extension 'huge'", "large-private-pages", "terminate-vm", "debug-td");
    }
  }
}
