package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.swtdx.attestation.qgs.Octets;
import org.swtdx.attestation.qgs.PlatformQgs;
import org.swtdx.attestation.qgs.QgsCodec;
import org.swtdx.attestation.qgs.QgsException;
import org.swtdx.attestation.qgs.QgsMessage;
import org.swtdx.attestation.qgs.QgsResponder;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.ReportBuilder;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.fuzz.FuzzTarget;

/** Every message has an answer of the protocol, and what can be read is written the same. */
class QgsFuzzTest extends FuzzTarget {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TestPki PKI = TestPki.create(new SplittableRandom(1), NOW);
  private static final QgsResponder RESPONDER =
      new QgsResponder(
          new PlatformQgs(
              PKI,
              new QuotingEnclave(PKI, PKI.reportMac()),
              QuoteVersion.V4,
              () -> PkiState.INITIAL,
              InstantSource.fixed(NOW)),
          _ -> {});

  private static final List<byte[]> GOOD =
      List.of(
          QgsCodec.encode(
              new QgsMessage.GetQuoteRequest(
                  Octets.of(new ReportBuilder().build(PKI.reportMac()).toBytes()), Octets.NONE)),
          QgsCodec.encode(
              new QgsMessage.GetCollateralRequest(
                  Octets.of(new byte[6]),
                  Octets.of("platform\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))),
          QgsCodec.encode(new QgsMessage.GetPlatformInfoRequest()),
          QgsCodec.encode(
              new QgsMessage.GetPlatformInfoResponse(
                  1, 2, Octets.of(new byte[16]), Octets.of(new byte[16]))));

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) throws Exception {
    QgsMessage answer = QgsCodec.decode(RESPONDER.exchange(input));
    if (!(answer instanceof QgsMessage.Response)) {
      throw new AssertionError("answered with " + answer);
    }
    RESPONDER.exchangeRaw(input);
    try {
      byte[] again = QgsCodec.encode(QgsCodec.decode(input));
      again[2] = input[2]; // the minor version is not looked at
      again[3] = input[3];
      if (!Arrays.equals(again, input)) {
        throw new AssertionError("reads as another message");
      }
    } catch (QgsException _) {
      // no message
    }
  }

  @Override
  protected int randomInputs() {
    return 300;
  }

  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] bytes = GOOD.get(random.nextInt(GOOD.size())).clone();
    for (int flips = random.nextInt(3); flips > 0; flips--) {
      bytes[random.nextInt(Math.min(bytes.length, 48))] ^= (byte) (1 << random.nextInt(8));
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 8)) : bytes;
  }
}
