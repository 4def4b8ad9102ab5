package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SubcommandsTest {
  @Test
  void everyCommandHasTheNameItIsListedUnder() {
    CommandLine all = Swtdx.commandLine();

    assertThat(all.getSubcommands()).containsKeys("run", "measure", "quote", "help");
    all.getSubcommands()
        .forEach((name, command) -> assertThat(command.getCommandName()).isEqualTo(name));
  }

  @Test
  void aCommandBuiltAloneIsTheSameAsAmongTheOthers() {
    CommandLine all = Swtdx.commandLine();

    all.getSubcommands()
        .forEach(
            (name, command) ->
                assertThat(
                        Swtdx.commandLine(name, "--help")
                            .getSubcommands()
                            .get(name)
                            .getUsageMessage(CommandLine.Help.Ansi.OFF))
                    .isEqualTo(command.getUsageMessage(CommandLine.Help.Ansi.OFF)));
  }

  @Test
  void onlyTheNamedCommandIsBuilt() {
    assertThat(Swtdx.commandLine("measure", "OVMF.fd").getSubcommands())
        .containsOnlyKeys("measure");
  }

  @Test
  void whatSpeaksOfOtherCommandsKnowsThemAll() {
    assertThat(CommandLineRun.of("help", "measure").out()).contains("--predict");
    assertThat(CommandLineRun.of("help", "nosuch").err()).contains("nosuch");
    assertThat(CommandLineRun.of("completion").out()).contains("eventlog", "--until");
  }
}
