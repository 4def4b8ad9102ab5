package org.swtdx.attestation.mrtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.mrtd.ImageDiff.Change;
import org.swtdx.attestation.mrtd.ImageDiff.Range;
import org.swtdx.attestation.mrtd.ImageDiff.SectionDiff;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfImageBuilder;

class ImageDiffTest {
  private final byte[] bytes = TdvfImageBuilder.ordinary().build();

  private static TdvfImage parse(byte[] bytes) throws TdvfException {
    return TdvfImage.parse(bytes);
  }

  private static boolean sameMrtd(TdvfImage one, TdvfImage two) {
    return MrtdVariant.KVM.mrtd(one).equals(MrtdVariant.KVM.mrtd(two));
  }

  @Test
  void anImageIsTheSameAsItself() throws TdvfException {
    ImageDiff diff = ImageDiff.of(parse(bytes), parse(bytes));

    assertThat(diff.sections()).hasSize(4).allMatch(s -> s.change() == Change.SAME);
    assertThat(diff.sections()).noneMatch(SectionDiff::changesMrtd);
  }

  @Test
  void changedBytesAreLocatedAndTheirConsequenceToldRightly() throws TdvfException {
    byte[] other = bytes.clone();
    other[0x1000] ^= 1; // BFV, which is measured
    other[0x1004] ^= 1;
    other[0x3fff] ^= 1;
    TdvfImage one = parse(bytes);
    TdvfImage two = parse(other);

    SectionDiff bfv = ImageDiff.of(one, two).sections().getFirst();

    assertThat(bfv.change()).isEqualTo(Change.CONTENTS);
    assertThat(bfv.pagesDiffering()).isEqualTo(2);
    assertThat(bfv.bytesDiffering()).isEqualTo(3);
    assertThat(bfv.ranges()).containsExactly(new Range(0xffff1000L, 5), new Range(0xffff3fffL, 1));
    assertThat(bfv.rangeCount()).isEqualTo(2);
    assertThat(bfv.changesMrtd()).isTrue();
    assertThat(sameMrtd(one, two)).isFalse();
  }

  @Test
  void theVariableStoreIsNotPartOfMrtd() throws TdvfException {
    byte[] other = bytes.clone();
    other[5] ^= 1;

    SectionDiff cfv = ImageDiff.of(parse(bytes), parse(other)).sections().get(1);

    assertThat(cfv.change()).isEqualTo(Change.CONTENTS);
    assertThat(cfv.changesMrtd()).isFalse();
    assertThat(sameMrtd(parse(bytes), parse(other))).isTrue();
  }

  @Test
  void manyRangesAreCountedAndTheFirstListed() throws TdvfException {
    byte[] other = bytes.clone();
    for (int at = 0x1000; at < 0x2000; at += 256) {
      other[at] ^= 1;
    }

    SectionDiff bfv = ImageDiff.of(parse(bytes), parse(other)).sections().getFirst();

    assertThat(bfv.rangeCount()).isEqualTo(16);
    assertThat(bfv.ranges()).hasSize(ImageDiff.MOST_RANGES);
  }

  @Test
  void otherSectionsAreToldApart() throws TdvfException {
    TdvfImage one = parse(bytes);
    TdvfImage more =
        parse(TdvfImageBuilder.ordinary().section(0, 0, 0x900000, 0x1000, 3, 0).build());
    TdvfImage later =
        parse(TdvfImageBuilder.ordinary().section(0, 0, 0x900000, 0x1000, 6, 2).build());

    List<SectionDiff> added = ImageDiff.of(one, more).sections();
    assertThat(added.getLast().change()).isEqualTo(Change.ADDED);
    assertThat(added.getLast().changesMrtd()).isTrue();
    assertThat(sameMrtd(one, more)).isFalse();
    assertThat(ImageDiff.of(more, one).sections())
        .anyMatch(s -> s.change() == Change.REMOVED && s.changesMrtd());

    SectionDiff augmented = ImageDiff.of(one, later).sections().getLast();
    assertThat(augmented.change()).isEqualTo(Change.ADDED);
    assertThat(augmented.changesMrtd()).isFalse(); // the metadata in BFV change it all the same
  }

  @Test
  void aKnownMeasurementTellsHowItWasBuilt() throws TdvfException {
    TdvfImage image = parse(bytes);

    assertThat(MrtdVariant.all(image).values()).doesNotHaveDuplicates().hasSize(4);
    for (MrtdVariant variant : MrtdVariant.values()) {
      assertThat(MrtdVariant.explaining(image, variant.mrtd(image))).contains(variant);
    }
    assertThat(MrtdVariant.explaining(image, "00".repeat(48))).isEmpty();
    assertThat(MrtdVariant.TWO_PASS.mrtd(image))
        .isEqualTo(MrtdCalculator.report(image, MeasurementOrder.TWO_PASS).mrtd());
  }
}
