package org.swtdx.attestation.quoting;

import org.swtdx.attestation.quote.QuoteBody;

/** The quotes that the quoting enclave can make. */
public enum QuoteVersion {
  /** Version 4 with the TDX 1.0 body, what current quoting enclaves make by default. */
  V4(4, QuoteBody.Layout.TD_1_0, 0),
  /** Version 5 with the TDX 1.5 body, which adds TEE_TCB_SVN_2 and MRSERVICETD. */
  V5(5, QuoteBody.Layout.TD_1_5, 6);

  private final int number;
  private final QuoteBody.Layout layout;
  private final int bodyHeaderSize;

  QuoteVersion(int number, QuoteBody.Layout layout, int bodyHeaderSize) {
    this.number = number;
    this.layout = layout;
    this.bodyHeaderSize = bodyHeaderSize;
  }

  /** The number in the quote's header. */
  public int number() {
    return number;
  }

  QuoteBody.Layout layout() {
    return layout;
  }

  /** Bytes that tell body type and size, between header and body. */
  int bodyHeaderSize() {
    return bodyHeaderSize;
  }
}
