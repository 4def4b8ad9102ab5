package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.fuzz.FuzzTarget;

/** A damaged quote has a verdict, and it is yes only when nothing of it was changed. */
class VerifierFuzzTest extends FuzzTarget {
  private static final byte[] QUOTE = Genuine.quote(QuoteVersion.V4);
  private static final QuoteVerifier VERIFIER = Genuine.verifier().build();

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) throws QuoteFormatException {
    byte[] damaged = Genuine.damaged(QUOTE, input);
    Verdict verdict = VERIFIER.verify(damaged);
    if (verdict instanceof Verdict.Accepted
        && !Arrays.equals(QUOTE, Arrays.copyOf(damaged, Quote.parse(damaged).length()))) {
      throw new AssertionError("another quote was accepted");
    }
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
