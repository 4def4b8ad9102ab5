package org.swtdx.memory.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The XTS-AES-128 vectors of IEEE Std 1619-2007, annex B. */
final class AesXtsTest {
  private static final HexFormat HEX = HexFormat.of();

  @ParameterizedTest
  @CsvSource({
    // vectors 1 to 3: key byte pattern, tweak key, data unit, plaintext byte, ciphertext
    "00000000000000000000000000000000, 00, 0, 00,"
        + "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e",
    "11111111111111111111111111111111, 22, 3333333333, 44,"
        + "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
    "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0, 22, 3333333333, 44,"
        + "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89"
  })
  void shortVectorsOfTheStandardMatch(
      String dataKey, String tweakByte, String unit, String plainByte, String cipher) {
    AesXts xts = new AesXts(HEX.parseHex(dataKey + tweakByte.repeat(16)));
    byte[] plain = HEX.parseHex(plainByte.repeat(32));

    byte[] data = plain.clone();
    xts.encrypt(Long.parseLong(unit, 16), data);
    assertThat(data).isEqualTo(HEX.parseHex(cipher));

    xts.decrypt(Long.parseLong(unit, 16), data);
    assertThat(data).isEqualTo(plain);
  }

  @Test
  void longVectorOfTheStandardMatches() {
    AesXts xts =
        new AesXts(
            HEX.parseHex("2718281828459045235360287471352631415926535897932384626433832795"));
    byte[] data = new byte[512];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) i;
    }

    xts.encrypt(0, data);

    assertThat(HEX.formatHex(Arrays.copyOf(data, 64)))
        .isEqualTo(
            "27a7479befa1d476489f308cd4cfa6e2a96e4bbe3208ff25287dd3819616e89c"
                + "c78cf7f5e543445f8333d8fa7f56000005279fa5d8b5e4ad40e736ddb4d35412");
    assertThat(HEX.formatHex(Arrays.copyOfRange(data, 480, 512)))
        .isEqualTo("eb4a427d1923ce3ff262735779a418f20a282df920147beabe421ee5319d0568");
  }
}
