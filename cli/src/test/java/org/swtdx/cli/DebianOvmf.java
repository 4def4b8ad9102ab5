package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** The firmware of Debian's package {@code ovmf}; tests skip without it, under CI they fail. */
final class DebianOvmf {
  static final Path IMAGE = Path.of("/usr/share/ovmf/OVMF.fd");

  private DebianOvmf() {}

  static Path require() {
    boolean there = Files.isReadable(IMAGE);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(IMAGE + " of Debian package ovmf must be installed under CI").isTrue();
    }
    assumeTrue(there, "needs " + IMAGE + " of Debian package ovmf");
    return IMAGE;
  }
}
