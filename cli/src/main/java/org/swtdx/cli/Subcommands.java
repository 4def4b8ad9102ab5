package org.swtdx.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/**
 * The root's sub-commands in the order of its help. picocli reads the annotations of every command
 * that it is given, which takes longer than most commands themselves; so a command line that names
 * one gets that one alone.
 */
final class Subcommands {
  private static final Map<String, Class<?>> BY_NAME = byName();

  private Subcommands() {}

  private static Map<String, Class<?>> byName() {
    Map<String, Class<?>> classes = new LinkedHashMap<>();
    classes.put("run", RunCommand.class);
    classes.put("exec", ExecCommand.class);
    classes.put("serve", ServeCommand.class);
    classes.put("measure", MeasureCommand.class);
    classes.put("eventlog", EventLogCommand.class);
    classes.put("quote", QuoteCommand.class);
    classes.put("collateral", CollateralCommand.class);
    classes.put("qgs", QgsCommand.class);
    classes.put("pccs", PccsCommand.class);
    classes.put("pki", PkiCommand.class);
    classes.put("capabilities", CapabilitiesCommand.class);
    classes.put("completion", Swtdx.Completion.class);
    classes.put("help", CommandLine.HelpCommand.class);
    return classes;
  }

  /** Adds the one command that {@code args} begins with, if it speaks of no other; else all. */
  static void addTo(CommandLine root, String... args) {
    Class<?> named = args.length == 0 ? null : BY_NAME.get(args[0]);
    if (named == null
        || named == CommandLine.HelpCommand.class
        || named == Swtdx.Completion.class) {
      BY_NAME.forEach(root::addSubcommand);
    } else {
      root.addSubcommand(args[0], named);
    }
  }
}
