package org.swtdx.cli;

import java.util.List;

/**
 * What the host found when it checked a quote against the TD it came from.
 *
 * @param bytes size of the quote
 * @param failures what did not hold, one line each; empty when everything did
 */
record QuoteCheck(int bytes, List<String> failures) {
  QuoteCheck {
    failures = List.copyOf(failures);
  }

  /** Whether everything held. */
  boolean ok() {
    return failures.isEmpty();
  }
}
