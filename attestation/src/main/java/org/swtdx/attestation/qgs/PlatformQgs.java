package org.swtdx.attestation.qgs;

import java.time.InstantSource;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.QuotingException;
import org.swtdx.attestation.quoting.TestPki;

/** The service of the software platform: its quoting enclave, its TEST PKI. Thread-safe. */
public final class PlatformQgs implements QgsService {
  /** Reads what collateral says at present. */
  @FunctionalInterface
  public interface States {
    /** Returns the state; called for every request, so that changes are seen at once. */
    PkiState current() throws PkiException;
  }

  private final TestPki pki;
  private final QuotingEnclave enclave;
  private final QuoteVersion version;
  private final States states;
  private final InstantSource clock;

  /**
   * Creates the service.
   *
   * @param pki certifies
   * @param enclave signs
   * @param version the quotes to make
   * @param states what collateral says
   * @param clock when collateral is issued
   */
  public PlatformQgs(
      TestPki pki,
      QuotingEnclave enclave,
      QuoteVersion version,
      States states,
      InstantSource clock) {
    this.pki = pki;
    this.enclave = enclave;
    this.version = version;
    this.states = states;
    this.clock = clock;
  }

  @Override
  public byte[] quote(byte[] report) throws QgsException {
    try {
      return enclave.quote(report, version);
    } catch (QuotingException e) {
      throw new QgsException(QgsError.INVALID_PARAMETER, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public Collateral collateral(Fmspc fmspc, PckCa pckCa) throws QgsException {
    try {
      return new CollateralIssuer(pki, states.current())
          .issue(new CollateralRequest(Tee.TDX, fmspc, pckCa, clock.instant()));
    } catch (CollateralException e) {
      throw new QgsException(QgsError.INVALID_PARAMETER, String.valueOf(e.getMessage()), e);
    } catch (PkiException e) {
      throw new QgsException(QgsError.UNEXPECTED, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public QgsMessage.GetPlatformInfoResponse platformInfo() {
    return new QgsMessage.GetPlatformInfoResponse(
        QuotingEnclave.ISV_SVN,
        PlatformTcb.PCE_SVN,
        Octets.of(pki.qeId()),
        Octets.of(PlatformTcb.cpuSvn()));
  }
}
