package org.swtdx.attestation.quoting;

import java.util.Locale;

/** What has a TCB status of its own in the collateral of a TD quote. */
public enum TcbPart {
  /** Microcode, firmware and the provisioning certification enclave. */
  PLATFORM,
  /** The TDX module. */
  MODULE,
  /** The TD quoting enclave. */
  QE;

  /** Name in files and on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
