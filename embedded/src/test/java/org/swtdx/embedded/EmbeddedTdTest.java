package org.swtdx.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.tdvf.SectionType;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import org.swtdx.embedded.build.TdvfBuilder;
import org.swtdx.embedded.program.TdProgram;

final class EmbeddedTdTest {
  @Test
  void buildKeptWhatTheSourceAssemblesTo() {
    assertThat(EmbeddedTd.image()).isEqualTo(TdvfBuilder.build(TdProgram.assemble()));
  }

  @Test
  void imageIsACompleteTdvf() throws Exception {
    TdvfImage image = TdvfImage.parse(EmbeddedTd.image());

    image.requireComplete();
    assertThat(image.remarks()).isEmpty();
    assertThat(image.locator()).isEqualTo(TdvfImage.Locator.GUIDED_TABLE);
    assertThat(image.sections())
        .extracting(TdvfSection::type, TdvfSection::gpa, TdvfSection::measured)
        .containsExactly(
            tuple(SectionType.BFV, 0xffff0000L, true),
            tuple(SectionType.TD_HOB, 0x809000L, false),
            tuple(SectionType.TEMP_MEM, 0x810000L, false));
  }

  @Test
  void olderVmmsFindTheMetadataAtTheFixedOffset() throws Exception {
    byte[] image = EmbeddedTd.image();
    image[image.length - 0x30] ^= 1; // the footer's GUID

    assertThat(TdvfImage.parse(image).locator()).isEqualTo(TdvfImage.Locator.FIXED_OFFSET);
  }

  /** Changes with the program and with nothing else: no machine, no time, no JDK. */
  @Test
  void measurementIsThatOfThisProgram() throws Exception {
    TdvfImage image = TdvfImage.parse(EmbeddedTd.image());

    assertThat(HexFormat.of().formatHex(MrtdCalculator.mrtd(image, MeasurementOrder.KVM)))
        .isEqualTo(
            "faedfbb36987156a59129f04ac76bd306ca0159f56cd7f85"
                + "7b7cfae18b01643d2b5f9b9794d95469dda38d1339b23657");
  }

  @Test
  void quoteIsCalledATestPkisInTheTdsOwnOutput() {
    assertThat(new String(EmbeddedTd.image(), StandardCharsets.ISO_8859_1)).contains("TEST PKI");
  }

  @Test
  void programThatDoesNotFitIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TdvfBuilder.build(new byte[65_100]))
        .withMessageContaining("65100");
  }
}
