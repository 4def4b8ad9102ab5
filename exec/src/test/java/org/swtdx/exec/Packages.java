package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Programs of the system that tests need. */
final class Packages {
  private Packages() {}

  /** Skips the test when a program is missing; in CI it fails. */
  static void require(Path program, String debianPackage) {
    boolean there = Files.isExecutable(program);
    String wanted = "needs %s of Debian package %s".formatted(program, debianPackage);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(wanted).isTrue();
    }
    assumeTrue(there, wanted);
  }
}
