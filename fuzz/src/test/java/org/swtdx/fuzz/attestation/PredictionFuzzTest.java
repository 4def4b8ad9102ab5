package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import org.swtdx.attestation.mrtd.ImageDiff;
import org.swtdx.attestation.predict.Authenticode;
import org.swtdx.attestation.predict.MachineDescription;
import org.swtdx.attestation.predict.OvmfPrediction;
import org.swtdx.attestation.predict.PredictionException;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.embedded.EmbeddedTd;
import org.swtdx.fuzz.FuzzTarget;

/**
 * Firmware volumes, variable stores, PE images, hand-off blocks and loader scripts that are damaged
 * make a boot unpredictable and nothing else. The input takes the place of a TDVF image's first
 * bytes, of the hand-off block list, and of a PE image.
 */
class PredictionFuzzTest extends FuzzTarget {
  private static final int MOST = 0x4000;

  private final byte[] base = EmbeddedTd.image();

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    byte[] image = base.clone();
    System.arraycopy(input, 0, image, 0, Math.min(input.length, MOST));
    byte[] script = Arrays.copyOf(input, input.length / 128 * 128);
    MachineDescription machine =
        new MachineDescription(input, Map.of(MachineDescription.TABLE_LOADER, script));
    try {
      TdvfImage parsed = TdvfImage.parse(image);
      ImageDiff.of(parsed, parsed);
      OvmfPrediction.measures(parsed);
      OvmfPrediction.predict(parsed, machine);
    } catch (PredictionException | TdvfException _) {
      // refused, as it should be
    }
    try {
      Authenticode.sha384(input);
    } catch (PredictionException _) {
      return;
    }
  }

  @Override
  protected int randomInputs() {
    return 150;
  }

  /** A volume with one file and one section, whose fields are random. */
  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] bytes = new byte[0x1000];
    random.nextBytes(bytes);
    ByteBuffer volume = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    volume.putLong(32, 0x1000);
    volume.put(40, "_FVH".getBytes(StandardCharsets.US_ASCII));
    volume.putShort(48, (short) 72).putShort(52, (short) (random.nextBoolean() ? 0 : 72));
    volume.putInt(88, 20);
    int file = random.nextBoolean() ? 72 : 96;
    int size = 28 + random.nextInt(0x200);
    volume.put(file + 18, (byte) 2).put(file + 19, (byte) random.nextInt(2));
    volume.putShort(file + 20, (short) size).put(file + 22, (byte) 0);
    volume.putShort(file + 24, (short) random.nextInt(size)).put(file + 26, (byte) 0);
    volume.put(file + 27, (byte) new int[] {0x02, 0x10, 0x15, 0x17}[random.nextInt(4)]);
    return bytes;
  }
}
