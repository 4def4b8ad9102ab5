package org.swtdx.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/**
 * One execution of the command inside the test's JVM.
 *
 * @param status the exit status
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int status, String out, String err) {
  static {
    try {
      // Never the keys of whoever runs the tests.
      Path keys = Files.createTempDirectory("swtdx-test-pki");
      keys.toFile().deleteOnExit();
      System.setProperty(PkiOption.PROPERTY, keys.resolve("pki").toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static CommandLineRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Swtdx.commandLine(args);
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    int status = line.execute(args);
    return new CommandLineRun(status, out.toString(), err.toString());
  }
}
