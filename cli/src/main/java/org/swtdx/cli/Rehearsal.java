package org.swtdx.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.swtdx.embedded.EmbeddedTd;
import picocli.CommandLine;

/**
 * Runs what users run, one command after the other in one JVM, while that JVM records the start-up
 * cache: afterwards each command finds its classes linked and its methods' profiles. Needs no
 * package and leaves nothing behind.
 */
public final class Rehearsal {
  private final Path folder;
  private final List<String> failures = new ArrayList<>();

  private Rehearsal(Path folder) {
    this.folder = folder;
  }

  /**
   * Runs the commands and ends the JVM: with 0 if each did what it is there for.
   *
   * @param args firmware images that exist on this machine, for predictions; none is needed
   * @throws IOException if there is no room for temporary files
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("swtdx-rehearsal");
    System.setProperty(PkiOption.PROPERTY, folder.resolve("pki").toString());
    Rehearsal rehearsal = new Rehearsal(folder);
    try {
      rehearsal.commands();
      for (String firmware : args) {
        rehearsal.firmware(firmware);
      }
    } finally {
      rehearsal.clean();
    }
    rehearsal.failures.forEach(System.err::println);
    System.exit(rehearsal.failures.isEmpty() ? ExitStatus.OK : ExitStatus.FAILED);
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private void commands() throws IOException {
    String image = file("td.fd");
    Files.write(Path.of(image), EmbeddedTd.image());
    perform("--help");
    perform("run", "--serial", "null", "--json", file("run.json"));
    measure(image);
    perform("eventlog", "show", file("run.json"));
    perform("eventlog", "replay", file("run.json"), "--json");
    perform("eventlog", "compare", file("run.json"), "--log", file("run.json"));
    perform(
        "quote",
        "make",
        "--firmware",
        image,
        "--out",
        file("quote"),
        "--collateral-out",
        file("collateral"));
    perform("pki", "root", "--out", file("root"));
    perform("quote", "show", file("quote"));
    for (int i = 0; i < 3; i++) {
      perform(
          "quote",
          "verify",
          file("quote"),
          "--root",
          file("root"),
          "--collateral",
          file("collateral"));
    }
    perform("capabilities", "--json");
  }

  private void measure(String image) {
    for (int i = 0; i < 3; i++) {
      perform("measure", image);
    }
    perform("measure", image, "--explain");
    perform("measure", image, "--json");
    perform("measure", image, "--diff", image);
  }

  private void firmware(String image) {
    measure(image);
    perform("measure", image, "--predict", "--ccel", file("log"));
    perform("measure", image, "--predict", "--explain");
    perform("eventlog", "show", file("log"));
  }

  private void perform(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Swtdx.commandLine(words);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int status = line.execute(words);
    if (status != ExitStatus.OK) {
      failures.add("swtdx " + String.join(" ", words) + ": status " + status + ": " + err);
    }
  }

  private void clean() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
