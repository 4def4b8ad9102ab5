package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.fuzz.FuzzTarget;

/** A damaged quote has a verdict, and it is yes only when nothing of it was changed. */
class VerifierFuzzTest extends FuzzTarget {
  private static final byte[] QUOTE = Genuine.quote(QuoteVersion.V4);
  private static final QuoteVerifier VERIFIER = Genuine.verifier().build();

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) throws QuoteFormatException, CertificateFormatException {
    byte[] damaged = Genuine.damaged(QUOTE, input);
    Verdict verdict = VERIFIER.verify(damaged);
    if (verdict instanceof Verdict.Accepted
        && !Arrays.equals(QUOTE, Arrays.copyOf(damaged, Quote.parse(damaged).length()))
        && !differsInLineEndsOnly(damaged)) {
      throw new AssertionError("another quote was accepted");
    }
  }

  /** Whether all but the line ends of the PEM chain, which nobody signs, is as it was. */
  private static boolean differsInLineEndsOnly(byte[] damaged)
      throws QuoteFormatException, CertificateFormatException {
    byte[] genuineChain = Quote.parse(QUOTE).signature().pckChain();
    byte[] damagedChain = Quote.parse(damaged).signature().pckChain();
    int before = QUOTE.length - genuineChain.length;
    return damagedChain.length == genuineChain.length
        && Arrays.equals(QUOTE, 0, before, damaged, 0, before)
        && Arrays.deepEquals(certificates(genuineChain), certificates(damagedChain));
  }

  private static byte[][] certificates(byte[] chain) throws CertificateFormatException {
    return PemCertificates.blocks(chain, 3).toArray(byte[][]::new);
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
