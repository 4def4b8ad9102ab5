package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasureCommandTest {
  /**
   * MRTD of OVMF.fd of Debian bookworm's ovmf 2022.11-6+deb12u2, pages added and measured in turn.
   */
  private static final String BOOKWORM =
      "4c7206f0f483c524f12c366c711e9049030a8d47c471ee5aa9c4999a08de4057"
          + "fb887fed0744d5631a212967fb231c47";

  @TempDir private Path folder;

  @Test
  void debianOvmfHasTheKnownMeasurement() {
    CommandLineRun run =
        CommandLineRun.of(
            "measure", "--firmware", DebianOvmf.require().toString(), "--format", "raw");

    assertThat(run.status()).isZero();
    assertThat(run.out().strip()).isEqualTo(BOOKWORM);
  }

  @Test
  void oneFlippedBitChangesTheMeasurement() throws IOException {
    byte[] image = Files.readAllBytes(DebianOvmf.require());
    image[image.length - 0x1000] ^= 1;
    Path flipped = folder.resolve("flipped.fd");
    Files.write(flipped, image);

    CommandLineRun run =
        CommandLineRun.of("measure", "--firmware", flipped.toString(), "--format", "raw");

    assertThat(run.status()).isZero();
    assertThat(run.out().strip()).hasSize(96).isNotEqualTo(BOOKWORM);
  }

  @Test
  void theJsonDocumentSaysHowTheMeasurementComesAbout() {
    CommandLineRun run =
        CommandLineRun.of(
            "measure", "--firmware", DebianOvmf.require().toString(), "--format", "json");

    assertThat(run.out())
        .contains("\"kind\" : \"swtdx.measure\"", "\"mrtd\" : \"" + BOOKWORM, "\"type\" : \"BFV\"");
  }
}
