package org.swtdx.attestation.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** DER leaves one encoding for a value; each other one is refused. */
final class DerTest {
  private static Der der(String hex) {
    return Der.of(HexFormat.of().parseHex(hex.replace(" ", "")), "a test");
  }

  private static Der text(int tag, String text) {
    byte[] letters = text.getBytes(StandardCharsets.US_ASCII);
    byte[] bytes = new byte[2 + letters.length];
    bytes[0] = (byte) tag;
    bytes[1] = (byte) letters.length;
    System.arraycopy(letters, 0, bytes, 2, letters.length);
    return Der.of(bytes, "a test");
  }

  private static void assertRefused(ThrowingCallable reading) {
    assertThatExceptionOfType(CertificateFormatException.class)
        .isThrownBy(reading)
        .withMessageContaining("a test");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "30", // no length
        "30 01", // no contents
        "30 80 00 00", // indefinite
        "30 81 00", // long form of a short length
        "30 81 7f", // the same
        "30 82 00 80", // leading zero
        "30 84 7f ff ff ff", // beyond any input
        "30 ff", // reserved
        "3f 30 00", // tag of two bytes
        "31 00" // another tag
      })
  void sequencesHaveOneEncoding(String hex) {
    assertRefused(() -> der(hex).enter(Der.SEQUENCE));
  }

  @Test
  void contentsAreReadInsideAndTheRestBehind() throws Exception {
    Der all = der("30 03 02 01 05 02 01 06");

    Der inner = all.enter(Der.SEQUENCE);

    assertThat(inner.integer(9)).isEqualTo(5);
    inner.requireEnd();
    assertThat(all.integer(9)).isEqualTo(6);
    all.requireEnd();
  }

  @Test
  void aValueMayNotReachBeyondWhatHoldsIt() throws Exception {
    Der inner = der("30 03 02 02 01 01").enter(Der.SEQUENCE);

    assertRefused(inner::integer);
  }

  @Test
  void numbersAreMinimal() throws Exception {
    assertThat(der("02 01 00").integer()).isZero();
    assertThat(der("02 02 00 80").integer()).isEqualTo(128);
    assertThat(der("02 01 80").integer()).isEqualTo(-128);
    assertThat(der("02 02 ff 7f").integer()).isEqualTo(BigInteger.valueOf(-129));
    assertRefused(() -> der("02 00").integer());
    assertRefused(() -> der("02 02 00 7f").integer());
    assertRefused(() -> der("02 02 ff 80").integer());
  }

  @Test
  void numbersStayWithinTheirBounds() throws Exception {
    assertThat(der("02 02 00 ff").integer(255)).isEqualTo(255);
    assertThat(der("0a 01 02").enumerated(2)).isEqualTo(2);
    assertRefused(() -> der("02 02 01 00").integer(255));
    assertRefused(() -> der("02 01 ff").integer(255));
    assertRefused(() -> der("02 05 01 00 00 00 00").integer(Integer.MAX_VALUE));
    assertRefused(() -> der("02 01 02").enumerated(2));
  }

  @Test
  void trueHasOneValueAndFalseIsLeftOut() throws Exception {
    der("01 01 ff").expectTrue();
    assertRefused(() -> der("01 01 01").expectTrue());
    assertRefused(() -> der("01 01 00").expectTrue());
    assertRefused(() -> der("01 02 ff ff").expectTrue());
  }

  @Test
  void unusedBitsAreFewAndZero() throws Exception {
    assertThat(der("03 02 01 06").bits()).containsExactly(6);
    assertThat(der("03 01 00").bits()).isEmpty();
    assertThat(der("03 02 00 06").bytesOfBits()).containsExactly(6);
    assertRefused(() -> der("03 00").bits());
    assertRefused(() -> der("03 01 01").bits());
    assertRefused(() -> der("03 02 08 00").bits());
    assertRefused(() -> der("03 02 ff 00").bits());
    assertRefused(() -> der("03 02 01 07").bits());
    assertRefused(() -> der("03 02 01 06").bytesOfBits());
  }

  @Test
  void timesAreInUtcToTheSecond() throws Exception {
    assertThat(text(Der.UTC_TIME, "250619100033Z").time()).isEqualTo("2025-06-19T10:00:33Z");
    assertThat(text(Der.UTC_TIME, "491231235959Z").time()).isEqualTo("2049-12-31T23:59:59Z");
    assertThat(text(Der.UTC_TIME, "500101000000Z").time()).isEqualTo("1950-01-01T00:00:00Z");
    assertThat(text(Der.GENERALIZED_TIME, "20500101000000Z").time())
        .isEqualTo("2050-01-01T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2506191000Z",
        "250619100033",
        "250619100033+",
        "250619100060Z",
        "250231100033Z",
        "25061910003 Z"
      })
  void otherTimesAreRefused(String time) {
    assertRefused(() -> text(Der.UTC_TIME, time).time());
  }
}
