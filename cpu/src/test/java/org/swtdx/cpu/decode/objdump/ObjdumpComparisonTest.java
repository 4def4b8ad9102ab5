package org.swtdx.cpu.decode.objdump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lengths and mnemonics against objdump's, over the opcode maps and real code. */
class ObjdumpComparisonTest {
  private static final Path LIBC = Path.of("/lib/x86_64-linux-gnu/libc.so.6");
  private static final Path OVMF = Path.of("/usr/share/ovmf/OVMF.fd");

  @BeforeEach
  void requireObjdump() {
    require(Path.of("/usr/bin/objdump"), "binutils");
  }

  private static void require(Path file, String debianPackage) {
    if (Files.exists(file)) {
      return;
    }
    String reason = file + " is missing: install the package " + debianPackage;
    if ("true".equals(System.getenv("CI"))) {
      fail(reason);
    }
    assumeTrue(false, reason);
  }

  @Test
  void everyPlaceOfTheOpcodeMapsIsReadAndKnownAsObjdumpDoes() throws IOException {
    ObjdumpComparison comparison = new ObjdumpComparison();
    comparison.code(InstructionSpace.code());
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.compared()).isGreaterThan(1_000_000);
  }

  @Test
  void theCodeOfLibcIsReadAsObjdumpDoes() throws IOException, InterruptedException {
    require(LIBC, "libc6");
    ObjdumpComparison comparison = new ObjdumpComparison();
    CodeImages.compare(comparison, LIBC);
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.compared()).isGreaterThan(200_000);
  }

  @Test
  void theModulesInsideOvmfAreReadAsObjdumpDoes() throws IOException, InterruptedException {
    require(OVMF, "ovmf");
    require(Path.of("/usr/bin/xz"), "xz-utils");
    ObjdumpComparison comparison = new ObjdumpComparison();
    CodeImages.compare(comparison, OVMF);
    assertThat(comparison.differences()).isEmpty();
    assertThat(comparison.compared()).isGreaterThan(500_000);
  }
}
