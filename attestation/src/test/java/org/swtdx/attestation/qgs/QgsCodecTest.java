package org.swtdx.attestation.qgs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class QgsCodecTest {
  private static Octets octets(String hex) {
    return Octets.of(HexFormat.of().parseHex(hex));
  }

  /** Each message with its bytes, written down from the structures in qgs_msg_lib.h. */
  static Stream<Object[]> messages() {
    return Stream.of(
        new Object[] {
          new QgsMessage.GetQuoteRequest(octets("aabbcc"), octets("dd")),
          "01000100 00000000 1c000000 00000000  03000000 01000000  aabbcc dd"
        },
        new Object[] {
          new QgsMessage.GetQuoteResponse(Octets.NONE, octets("0400020081")),
          "01000100 01000000 1d000000 00000000  00000000 05000000  0400020081"
        },
        new Object[] {
          new QgsMessage.GetCollateralRequest(octets("535754445800"), octets("706c6174666f726d00")),
          "01000100 02000000 27000000 00000000  06000000 09000000"
              + " 535754445800 706c6174666f726d00"
        },
        new Object[] {
          new QgsMessage.GetCollateralResponse(
              3,
              1,
              List.of(
                  octets("01"),
                  octets("0202"),
                  octets("03"),
                  octets("04"),
                  octets("05"),
                  octets("060606"),
                  octets("07"))),
          "01000100 03000000 3a000000 00000000  0300 0100"
              + " 01000000 02000000 01000000 01000000 01000000 03000000 01000000"
              + " 01 0202 03 04 05 060606 07"
        },
        new Object[] {
          new QgsMessage.GetPlatformInfoRequest(), "01000100 04000000 10000000 00000000"
        },
        new Object[] {
          new QgsMessage.GetPlatformInfoResponse(1, 0x10b, octets("aa"), octets("bbbb")),
          "01000100 05000000 1f000000 00000000  0100 0b01 01000000 02000000  aa bbbb"
        },
        new Object[] {
          new QgsMessage.Failure(QgsType.GET_QUOTE_RESPONSE, 0x12001),
          "01000100 01000000 18000000 01200100  00000000 00000000"
        },
        new Object[] {
          new QgsMessage.Failure(QgsType.GET_COLLATERAL_RESPONSE, 0x12003),
          "01000100 03000000 30000000 03200100 " + "00000000".repeat(8)
        },
        new Object[] {
          new QgsMessage.Failure(QgsType.GET_PLATFORM_INFO_RESPONSE, 0x12007),
          "01000100 05000000 1c000000 07200100 " + "00000000".repeat(3)
        });
  }

  @ParameterizedTest
  @MethodSource("messages")
  void messagesHaveTheBytesOfIntelsStructures(QgsMessage message, String hex) throws Exception {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThat(QgsCodec.encode(message)).isEqualTo(bytes);
    assertThat(QgsCodec.decode(bytes)).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource({
    "'', INVALID_SIZE",
    "0100010000000000100000000000, INVALID_SIZE",
    "01000100 01000000 19000000 01200100 00000000 00000000 00, INVALID_SIZE",
    "02000100 04000000 10000000 00000000, INVALID_VERSION",
    "00000100 04000000 10000000 00000000, INVALID_VERSION",
    "01000100 06000000 10000000 00000000, INVALID_TYPE",
    "01000100 ffffffff 10000000 00000000, INVALID_TYPE",
    "01000100 04000000 11000000 00000000, INVALID_SIZE",
    "01000100 04000000 0f000000 00000000, INVALID_SIZE",
    "01000100 04000000 11000000 00000000 00, INVALID_SIZE",
    "01000100 04000000 10000000 01200100, INVALID_CODE",
    "01000100 00000000 10000000 00000000, INVALID_SIZE",
    "01000100 00000000 18000000 00000000 00000000 00000000, INVALID_SIZE",
    "01000100 00000000 1a000000 00000000 00000000 02000000 aabb, INVALID_SIZE",
    "01000100 00000000 1a000000 00000000 ffffffff 03000000 aabb, INVALID_SIZE",
    "01000100 00000000 1a000000 00000000 03000000 00000000 aabb, INVALID_SIZE",
    "01000100 02000000 1a000000 00000000 02000000 00000000 aabb, INVALID_SIZE",
    "01000100 01000000 18000000 00000000 00000000 00000000, INVALID_SIZE",
    "01000100 01000000 19000000 01200100 00000000 01000000 aa, INVALID_SIZE",
  })
  void malformedMessagesHaveTheErrorOfTheProtocol(String hex, QgsError error) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThatExceptionOfType(QgsException.class)
        .isThrownBy(() -> QgsCodec.decode(bytes))
        .satisfies(e -> assertThat(e.error()).isEqualTo(error));
  }

  @Test
  void olderMinorVersionsAreUnderstood() throws Exception {
    byte[] bytes = QgsCodec.encode(new QgsMessage.GetPlatformInfoRequest());
    bytes[2] = 0;

    assertThat(QgsCodec.decode(bytes)).isEqualTo(new QgsMessage.GetPlatformInfoRequest());
  }

  @Test
  void damagedMessagesAreMessagesOrErrors() throws Exception {
    SplittableRandom random = new SplittableRandom(11);
    List<byte[]> good = messages().map(pair -> QgsCodec.encode((QgsMessage) pair[0])).toList();
    for (int round = 0; round < 5000; round++) {
      byte[] bytes = good.get(random.nextInt(good.size())).clone();
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 4));
      try {
        assertThat(QgsCodec.encode(QgsCodec.decode(bytes))).hasSameSizeAs(bytes);
      } catch (QgsException e) {
        assertThat(e.error()).isNotNull();
      }
    }
  }
}
