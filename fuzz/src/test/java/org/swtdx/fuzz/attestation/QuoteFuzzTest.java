package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.fuzz.FuzzTarget;

/** Bytes that are no quote are refused. */
class QuoteFuzzTest extends FuzzTarget {
  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    try {
      Quote.parse(input);
    } catch (QuoteFormatException _) {
      return;
    }
  }

  @Override
  protected int longestInput() {
    return 8192;
  }
}
