package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernel's own tests of KVM, unmodified: those of the first tier that do not take minutes. They
 * are built from the sources of Linux, which a build does not fetch by itself; the environment
 * variable names where they are.
 */
@Timeout(120)
final class SelftestsTest {
  private static final Path TABLE = Path.of("..", "scripts", "selftests.tsv");
  private static final String FOLDER = "SWTDX_KVM_SELFTESTS";
  private static final int SECONDS = 2;

  @TempDir private Path folder;

  static Stream<String> quickOnesOfTheFirstTier() throws IOException {
    return Files.readAllLines(TABLE).stream()
        .map(line -> line.split("\t", -1))
        .filter(fields -> fields[0].equals("1"))
        .filter(fields -> fields.length <= SECONDS || fields[SECONDS].isEmpty())
        .map(fields -> fields[1]);
  }

  @ParameterizedTest
  @MethodSource("quickOnesOfTheFirstTier")
  void passes(String test) throws Exception {
    Path program = require(test);
    Path said = folder.resolve("said");
    List<String> command =
        List.of("/bin/sh", "-c", "exec \"$0\" >\"$1\" 2>&1", program.toString(), said.toString());

    try (TestHost host = new TestHost()) {
      int status = new Lender(host.kvm()).run(command, NativeClient.ENVIRONMENT);

      assertThat(status).as(() -> read(said)).isZero();
      NativeClient.assertNothingLeft(host.kvm());
    }
  }

  private static Path require(String test) {
    NativeClient.requireLinux();
    String named = System.getenv(FOLDER);
    assumeTrue(
        named != null,
        "needs %s: scripts/selftests --tier 1 --build-only makes it of Debian package linux-source-7.3"
            .formatted(FOLDER));
    Path program = Path.of(Objects.requireNonNull(named), test);
    assertThat(program).isExecutable();
    return program;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "said nothing";
    }
  }
}
