package org.swtdx.attestation.qgs;

import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;

/** What a quote generation service can do, whoever asks and however. Thread-safe. */
public interface QgsService {
  /**
   * Makes a quote.
   *
   * @param report the TDREPORT as it came
   */
  byte[] quote(byte[] report) throws QgsException;

  /** Returns the collateral of a kind of platform. */
  Collateral collateral(Fmspc fmspc, PckCa pckCa) throws QgsException;

  /** Tells what the platform is. */
  QgsMessage.GetPlatformInfoResponse platformInfo();
}
