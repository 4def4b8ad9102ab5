package org.swtdx.attestation.verify;

import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.quote.Quote;

/** What came out of verifying a quote. Only {@link Accepted} is a yes. */
public sealed interface Verdict {
  /**
   * The quote is genuine and all that the policy demands holds.
   *
   * @param quote the quote
   * @param appraisal what was found about its platform
   */
  record Accepted(Quote quote, Appraisal appraisal) implements Verdict {}

  /**
   * The quote is not accepted.
   *
   * @param refusals why; the first is the one to report, more of them follow when only the policy
   *     stands against a genuine quote
   * @param quote the quote, when it could be read
   * @param appraisal what was found about its platform, when the quote is genuine
   */
  record Refused(List<Refusal> refusals, Optional<Quote> quote, Optional<Appraisal> appraisal)
      implements Verdict {
    /** Copies the list. */
    public Refused {
      refusals = List.copyOf(refusals);
    }

    /** The first refusal. */
    public Refusal first() {
      return refusals.getFirst();
    }
  }

  /**
   * There is no collateral to judge the quote by. It is not accepted, nor known to be bad.
   *
   * @param quote the quote, whose own signatures hold
   * @param missing what is missing, a sentence for a person
   */
  record Undecided(Quote quote, String missing) implements Verdict {}
}
