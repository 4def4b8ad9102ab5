package example;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import org.swtdx.attestation.offline.CollateralFiles;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quote.TdQuoteBody;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.x509.Certificate;

/** Decides whether a TD may have a secret: the example of the documentation. */
public final class AttestationService {
  private final QuoteVerifier verifier;
  private final byte[] expectedMrTd;

  /**
   * Creates a service.
   *
   * @param collateral a folder with what Intel publishes
   * @param root the root to trust; IntelRoot.certificate() for real platforms
   */
  public AttestationService(
      Path collateral, Certificate root, byte[] expectedMrTd, InstantSource clock)
      throws Exception {
    this.expectedMrTd = expectedMrTd.clone();
    this.verifier =
        QuoteVerifier.builder()
            .trustedRoot(root)
            .collateral(CollateralFiles.read(collateral))
            .policy(Policy.strict())
            .clock(clock)
            .build();
  }

  /** Returns why a quote is not good enough, or an empty text when it is. */
  public String objection(byte[] quote, byte[] nonce) {
    return switch (verifier.verify(quote)) {
      case Verdict.Accepted accepted ->
          accepted.quote().td().map(td -> objection(td, nonce)).orElse("not a TD's quote");
      case Verdict.Refused refused -> refused.first().toString();
      case Verdict.Undecided undecided -> undecided.missing();
    };
  }

  private String objection(TdQuoteBody td, byte[] nonce) {
    if (!MessageDigest.isEqual(td.mrTd(), expectedMrTd)) {
      return "another image";
    }
    byte[] bound = Arrays.copyOf(td.reportData(), nonce.length);
    return MessageDigest.isEqual(bound, nonce) ? "" : "another nonce";
  }
}
