package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.SplittableRandom;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.embedded.EmbeddedTd;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;

/** A firmware image with damaged metadata is refused with a reason, or measured. */
class TdvfFuzzTest extends FuzzTarget {
  private static final int TAIL = 4096;
  private static final byte[] IMAGE = EmbeddedTd.image();

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    byte[] image = damaged(new Choices(input));
    try {
      MrtdCalculator.mrtd(TdvfImage.parse(image), MeasurementOrder.KVM);
    } catch (TdvfException _) {
      return;
    }
  }

  /** The built-in image with some bytes of its end, where the metadata is, overwritten. */
  private static byte[] damaged(Choices choices) {
    byte[] image = IMAGE.clone();
    while (choices.more()) {
      int from = image.length - 1 - choices.u16() % TAIL;
      byte[] patch = choices.bytes(1 + choices.below(16));
      System.arraycopy(patch, 0, image, from, Math.min(patch.length, image.length - from));
    }
    return image;
  }

  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] input = new byte[1 + random.nextInt(40)];
    random.nextBytes(input);
    return input;
  }
}
