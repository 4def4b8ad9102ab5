package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The guest programs of this module, built with the compiler that Debian has. */
final class TestGuests {
  private TestGuests() {}

  /** The folder that holds their sources. */
  static Path sources() {
    Path here = Path.of("").toAbsolutePath();
    Path module = here.endsWith("cli") ? here : here.resolve("cli");
    return module.resolve("src/test/guest");
  }

  /** Skips the test without a compiler; under CI that is a failure. */
  static void requireCompiler() {
    boolean there = Files.isExecutable(Path.of("/usr/bin/gcc"));
    if (!there && Boolean.parseBoolean(System.getenv("CI"))) {
      fail("gcc is missing; install the Debian package gcc");
    }
    assumeTrue(there, "gcc is missing; install the Debian package gcc");
  }

  /** Runs a shell script with arguments and expects it to succeed. */
  static void script(Path script, String... arguments) throws IOException, InterruptedException {
    Path log = Files.createTempFile("script", ".log");
    try {
      String[] command = new String[arguments.length + 2];
      command[0] = "/bin/sh";
      command[1] = script.toString();
      System.arraycopy(arguments, 0, command, 2, arguments.length);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends").isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      Files.delete(log);
    }
  }
}
