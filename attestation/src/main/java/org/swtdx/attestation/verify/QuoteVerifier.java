package org.swtdx.attestation.verify;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralSource;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.crypto.EcdsaP256;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.verify.Verdict.Undecided;
import org.swtdx.attestation.x509.Certificate;

/**
 * Verifies quotes: every signature up to a trusted root, revocation and times, the TCB by Intel's
 * rules, and a policy. Thread-safe; make one and keep it, for it remembers certificates and
 * collateral whose signatures held (never a verdict, and never anything that depends on time).
 */
public final class QuoteVerifier {
  private final Policy policy;
  private final InstantSource clock;
  private final CollateralSource source;
  private final QuoteSignatures signatures;
  private final CollateralChecks collateralChecks;

  private QuoteVerifier(Builder builder) {
    policy = builder.policy;
    clock = builder.clock;
    source = builder.source;
    EcdsaP256 ecdsa = builder.ecdsa;
    Chains chains = new Chains(builder.root, ecdsa == null ? EcdsaProviders.fastest() : ecdsa);
    signatures = new QuoteSignatures(chains);
    collateralChecks = new CollateralChecks(chains);
  }

  /** Starts a verifier: Intel's root, the strict policy, the system's clock, no collateral. */
  public static Builder builder() {
    return new Builder();
  }

  /** Verifies a quote now, to the second; any bytes have a verdict. */
  public Verdict verify(byte[] quote) {
    return verify(quote, clock.instant().truncatedTo(ChronoUnit.SECONDS));
  }

  /** Verifies a quote as of a moment; any bytes have a verdict. */
  public Verdict verify(byte[] bytes, Instant moment) {
    Quote quote;
    try {
      quote = Quote.parse(bytes);
    } catch (QuoteFormatException e) {
      Refusal refusal =
          new Refusal(
              Reason.MALFORMED_QUOTE,
              "quote",
              "unreadable: " + e.getMessage(),
              "a quote of version 3, 4 or 5");
      return new Refused(List.of(refusal), Optional.empty(), Optional.empty());
    }
    try {
      return judge(quote, moment);
    } catch (RefusedException e) {
      return new Refused(List.of(e.refusal()), Optional.of(quote), Optional.empty());
    }
  }

  private Verdict judge(Quote quote, Instant moment) throws RefusedException {
    CertifiedKey key = signatures.check(quote);
    for (Certificate certificate : key.chain()) {
      Validity.of(certificate).check(moment, policy.collateralGrace());
    }
    Optional<TcbAppraisal> tcb = Optional.empty();
    if (!policy.signaturesOnly()) {
      try {
        tcb = Optional.of(tcb(quote, key, moment));
      } catch (CollateralException e) {
        return new Undecided(quote, String.valueOf(e.getMessage()));
      }
    }
    List<Refusal> refusals = PolicyCheck.check(policy, quote, key, tcb);
    Appraisal appraisal =
        new Appraisal(moment, key.pck(), key.chain().getLast(), key.platform(), tcb);
    return refusals.isEmpty()
        ? new Accepted(quote, appraisal)
        : new Refused(refusals, Optional.of(quote), Optional.of(appraisal));
  }

  private TcbAppraisal tcb(Quote quote, CertifiedKey key, Instant moment)
      throws RefusedException, CollateralException {
    Tee tee = quote.td().isPresent() ? Tee.TDX : Tee.SGX;
    Collateral received =
        source.collateral(new CollateralRequest(tee, key.platform().fmspc(), key.pckCa(), moment));
    CheckedCollateral collateral = collateralChecks.check(received);
    checkRevocation(key, collateral);
    collateral.checkTimes(moment, policy.collateralGrace());
    return TcbEvaluation.evaluate(quote, key, collateral);
  }

  private void checkRevocation(CertifiedKey key, CheckedCollateral collateral)
      throws RefusedException {
    Certificate authority = key.authority();
    boolean known =
        collateral.pckListIssuer().filter(issuer -> issuer.equals(authority)).isPresent();
    if (!known) {
      if (!collateral.pckList().issuer().equals(authority.subject())) {
        throw new RefusedException(
            Reason.COLLATERAL_MISMATCH,
            "issuer of the PCK CRL",
            "'" + collateral.pckList().issuer() + "'",
            "'" + authority + "', which issued the PCK certificate");
      }
      collateralChecks.checkList(collateral.pckList(), authority, "PCK CRL");
    }
    CollateralChecks.checkRevoked(authority, collateral.rootList());
    CollateralChecks.checkRevoked(key.pck(), collateral.pckList());
  }

  /** Builds a verifier. */
  public static final class Builder {
    private Certificate root = IntelRoot.certificate();
    private Policy policy = Policy.strict();
    private InstantSource clock = InstantSource.system();
    private @Nullable EcdsaP256 ecdsa;
    private CollateralSource source =
        _ -> {
          throw new CollateralException(
              "the verifier was given no collateral; give it a CollateralSource, or a policy that"
                  + " is for signatures only");
        };

    private Builder() {}

    /** Trusts this root alone instead of Intel's. */
    public Builder trustedRoot(Certificate certificate) {
      root = certificate;
      return this;
    }

    /** Demands this of every quote. */
    public Builder policy(Policy demands) {
      policy = demands;
      return this;
    }

    /** Tells the time that quotes are judged at. */
    public Builder clock(InstantSource time) {
      clock = time;
      return this;
    }

    /** Asks there for collateral. */
    public Builder collateral(CollateralSource where) {
      source = where;
      return this;
    }

    /** Uses this set of collateral for every quote. */
    public Builder collateral(Collateral collateral) {
      return collateral(CollateralSource.of(collateral));
    }

    /** Lets this implementation check signatures; {@link EcdsaProviders#fastest} if not called. */
    public Builder signatures(EcdsaP256 implementation) {
      ecdsa = implementation;
      return this;
    }

    /** Returns the verifier. */
    public QuoteVerifier build() {
      return new QuoteVerifier(this);
    }
  }
}
