package org.swtdx.cli;

import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command's root: its sub-commands, and how their failures become exit statuses. */
@Command(
    name = "swtdx",
    description = "A TDX machine in software: boots Trust Domains on any machine with a JVM.",
    mixinStandardHelpOptions = true,
    versionProvider = Swtdx.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:success",
      "1:the guest failed, or the answer is negative",
      "2:wrong usage or unreadable input",
      "124:the time given with --timeout passed"
    })
public final class Swtdx implements Runnable {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  /** Used by picocli. */
  public Swtdx() {}

  /** Prints the usage: no sub-command was named. */
  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "name a command, for example: swtdx run");
  }

  /**
   * Runs the command and ends the JVM with its exit status.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    warnInOneLine();
    int status = commandLine(args).execute(args);
    System.out.flush();
    System.err.flush();
    System.exit(status);
  }

  /** Has what libraries log look like the command's own messages, whichever logger there is. */
  private static void warnInOneLine() {
    for (String property :
        List.of("jdk.system.logger.format", "java.util.logging.SimpleFormatter.format")) {
      if (System.getProperty(property) == null) {
        System.setProperty(property, "swtdx: %5$s%6$s%n");
      }
    }
  }

  /**
   * The configured command line, as {@link #main} and the tests execute it.
   *
   * @param args what will be executed, if that is known: a command named first is the only one
   *     built
   */
  static CommandLine commandLine(String... args) {
    CommandLine line = new CommandLine(new Swtdx());
    Subcommands.addTo(line, args);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(
        (exception, _) -> {
          CommandLine failed = exception.getCommandLine();
          failed.getErr().println("swtdx: " + reason(exception));
          failed.getErr().println("Try '" + failed.getCommandSpec().qualifiedName() + " --help'.");
          return ExitStatus.USAGE;
        });
    line.setExecutionExceptionHandler(
        (exception, command, _) -> {
          if (exception instanceof InputException) {
            command.getErr().println("swtdx: " + exception.getMessage());
            return ExitStatus.USAGE;
          }
          command.getErr().println("swtdx: internal error, please report it: " + exception);
          if (Boolean.getBoolean("swtdx.trace")) {
            exception.printStackTrace(command.getErr());
          }
          return ExitStatus.FAILED;
        });
    return line;
  }

  /** What is wrong with a command line, without the word that picocli puts before some of it. */
  private static String reason(CommandLine.ParameterException exception) {
    return String.valueOf(exception.getMessage()).replaceFirst("^Error: ", "");
  }

  /** The version of the module that holds this class. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Swtdx.class.getPackage().getImplementationVersion();
      return new String[] {
        "swtdx " + (version == null ? BuildVersion.VERSION : version),
        "Java " + Runtime.version() + " on " + System.getProperty("os.arch")
      };
    }
  }

  /** Writes the shell completion script. */
  @Command(
      name = "completion",
      description = {
        "Print a completion script for bash and zsh.",
        "Use it with: source <(swtdx completion)"
      },
      mixinStandardHelpOptions = true)
  static final class Completion implements Runnable {
    @CommandLine.Spec
    @SuppressWarnings("NullAway.Init")
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
      CommandLine root = spec.root().commandLine();
      spec.commandLine().getOut().print(AutoComplete.bash("swtdx", root));
      spec.commandLine().getOut().flush();
    }
  }
}
