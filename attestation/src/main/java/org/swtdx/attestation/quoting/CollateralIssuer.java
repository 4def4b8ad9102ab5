package org.swtdx.attestation.quoting;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.Tee;

/**
 * Issues collateral for quotes of a software platform: what Intel's provisioning certification
 * service does for real ones. Immutable.
 */
public final class CollateralIssuer {
  private final TestPki pki;
  private final PkiState state;

  /**
   * Creates an issuer.
   *
   * @param pki signs
   * @param state what is revoked and what is out of date
   */
  public CollateralIssuer(TestPki pki, PkiState state) {
    this.pki = pki;
    this.state = state;
  }

  /**
   * Returns what is asked for; with the processor CA's list instead of the platform CA's if that is
   * asked for.
   *
   * @throws CollateralException when it is about another platform
   */
  public Collateral issue(CollateralRequest request) throws CollateralException {
    if (request.tee() != Tee.TDX || !request.fmspc().hex().equals(PlatformTcb.FMSPC)) {
      throw new CollateralException(
          "this platform has collateral for TDX and FMSPC %s alone, not for %s and %s"
              .formatted(PlatformTcb.FMSPC, request.tee(), request.fmspc()));
    }
    return issue(request.pckCa(), request.moment());
  }

  /**
   * Returns this platform's collateral as it is issued at a moment, unless the state says another.
   */
  public Collateral issue(Instant now) {
    return issue(PckCa.PLATFORM, now);
  }

  private Collateral issue(PckCa ca, Instant now) {
    Instant issued = CollateralDates.issued(state, now);
    RevocationLists lists = new RevocationLists(pki, state, issued);
    boolean platform = ca == PckCa.PLATFORM;
    String signing = pki.pem(PkiRole.TCB_SIGNING);
    return new Collateral(
        lists.root(),
        platform ? lists.pck() : lists.processor(),
        Optional.of(platform ? pki.pem(PkiRole.PLATFORM_CA) : pki.processorPem()),
        signed(new TcbInfoDocument(state, issued).text()),
        signing,
        signed(QeIdentityDocument.text(state, issued)),
        signing,
        Optional.of(pki.pem(PkiRole.PCK)));
  }

  private SignedDocument signed(String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    try {
      return new SignedDocument(body, pki.sign(PkiRole.TCB_SIGNING, body));
    } catch (CollateralException e) {
      throw new IllegalStateException("a signature of our own has 64 bytes", e);
    }
  }
}
