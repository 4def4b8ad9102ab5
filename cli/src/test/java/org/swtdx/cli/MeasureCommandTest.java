package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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

  private Path embedded(String name, int flipped) throws IOException {
    byte[] image = org.swtdx.embedded.EmbeddedTd.image();
    if (flipped >= 0) {
      image[flipped] ^= 1;
    }
    return Files.write(folder.resolve(name), image);
  }

  @Test
  void explainTellsWhatEnteredTheMeasurement() throws IOException {
    String image = embedded("td.fd", -1).toString();
    String mrtd = CommandLineRun.of("measure", image, "--format", "raw").out().strip();

    CommandLineRun run = CommandLineRun.of("measure", image, "--explain");

    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains(
            "section 0 BFV",
            "for each of 16 pages TDH.MEM.PAGE.ADD, then 16 × TDH.MR.EXTEND",
            "section 1 TD_HOB",
            "the addresses enter, the contents don't",
            "MRTD so far      " + mrtd,
            "MRTD  " + mrtd,
            "otherwise ");
    assertThat(CommandLineRun.of("measure", image, "--explain", "--order", "two-pass").out())
        .contains("16 × TDH.MEM.PAGE.ADD, then 256 × TDH.MR.EXTEND", "otherwise " + mrtd);
  }

  @Test
  void anExpectedValueIsExplained() throws IOException {
    String image = embedded("td.fd", -1).toString();
    String kvm = CommandLineRun.of("measure", image, "--format", "raw").out().strip();
    String old =
        CommandLineRun.of("measure", image, "--order", "two-pass", "--format", "raw").out().strip();

    CommandLineRun good =
        CommandLineRun.of("measure", image, "--expect", kvm.toUpperCase(Locale.ROOT));
    assertThat(good.status()).isZero();
    assertThat(good.out()).contains("expect agrees");
    CommandLineRun bad = CommandLineRun.of("measure", image, "--expect", old);
    assertThat(bad.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(bad.out()).contains("expect differs: the expected value comes out with all pages");
    assertThat(CommandLineRun.of("measure", image, "--expect", "11".repeat(48)).out())
        .contains("expect differs, in every known way");
    assertThat(CommandLineRun.of("measure", image, "--expect", old, "--json").out())
        .contains("\"agrees\" : false", "\"variant\" : \"TWO_PASS\"");
    assertThat(CommandLineRun.of("measure", image, "--expect", "11").status())
        .isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void aDiffNamesTheBytesAndTheConsequence() throws IOException {
    Path one = embedded("one.fd", -1);
    Path two = embedded("two.fd", 0x40);

    CommandLineRun run = CommandLineRun.of("measure", one.toString(), "--diff", two.toString());

    assertThat(run.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(run.out())
        .contains("BFV      0xffff0000  1 of 16 pages differ, 1 bytes; changes MRTD")
        .contains("0xffff0040, 1 bytes", "TD_HOB   0x809000  the same", "MRTD differs");
    CommandLineRun same = CommandLineRun.of("measure", one.toString(), "--diff", one.toString());
    assertThat(same.status()).isZero();
    assertThat(same.out()).contains("MRTD is the same");
    CommandLineRun json =
        CommandLineRun.of("measure", one.toString(), "--diff", two.toString(), "--json");
    assertThat(json.out())
        .contains("\"kind\" : \"swtdx.measure.diff\"", "\"change\" : \"CONTENTS\"");
  }
}
