package org.swtdx.vmm;

/** Makes quotes of TDREPORTs, as a host's quote generation service does. Thread-safe. */
@FunctionalInterface
public interface Quoting {
  /** A host without a quote generation service. */
  Quoting UNAVAILABLE = _ -> new Unavailable("this host has none");

  /**
   * Makes a quote.
   *
   * @param report the 1024-byte TDREPORT that the guest handed over; as untrusted as all its input
   * @return the quote, or why there is none
   */
  Reply quote(byte[] report);

  /** What came of a request. */
  sealed interface Reply {}

  /** A quote. */
  final class Quote implements Reply {
    private final byte[] bytes;

    /**
     * Wraps a quote.
     *
     * @param bytes the quote; copied
     */
    public Quote(byte[] bytes) {
      this.bytes = bytes.clone();
    }

    /** Returns a copy of the quote. */
    public byte[] bytes() {
      return bytes.clone();
    }
  }

  /**
   * The service refused.
   *
   * @param reason why, one line
   */
  record Failed(String reason) implements Reply {}

  /**
   * There is no service.
   *
   * @param reason why it could not be reached, one line
   */
  record Unavailable(String reason) implements Reply {}
}
