package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code --extension}: whole runs with what Linux's KVM does not have. */
class ExtensionsTest {
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
    CommandLineRun plain = run();
    CommandLineRun extended = run("large-private-pages", "terminate-vm");

    assertThat(extended.status()).as(extended.err()).isZero();
    assertThat(extended.err()).contains("quote          verified", "(0 leaked)");
    assertThat(calls(extended, "TDH.MEM.PAGE.AUG"))
        .as(extended.err())
        .isPositive()
        .isLessThan(calls(plain, "TDH.MEM.PAGE.AUG") / 10);
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
