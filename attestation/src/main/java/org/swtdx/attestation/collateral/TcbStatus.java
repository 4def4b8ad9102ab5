package org.swtdx.attestation.collateral;

import java.util.Optional;

/** What Intel says of a TCB level ({@code tcbStatus} of TCB info and QE identity). */
public enum TcbStatus {
  /** Nothing is known that needs mending. */
  UP_TO_DATE("UpToDate"),
  /** Up to date, but enclaves need hardening in software. */
  SW_HARDENING_NEEDED("SWHardeningNeeded"),
  /** Up to date, but the platform may be configured unsafely. */
  CONFIGURATION_NEEDED("ConfigurationNeeded"),
  /** Both of the two before. */
  CONFIGURATION_AND_SW_HARDENING_NEEDED("ConfigurationAndSWHardeningNeeded"),
  /** The platform is up to date, but was updated after the TD had been launched. */
  TD_RELAUNCH_ADVISED("TDRelaunchAdvised"),
  /** As {@link #TD_RELAUNCH_ADVISED}, and the platform may be configured unsafely. */
  TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED("TDRelaunchAdvisedConfigurationNeeded"),
  /** Updates that mend known weaknesses are missing. */
  OUT_OF_DATE("OutOfDate"),
  /** Updates are missing, and the platform may be configured unsafely. */
  OUT_OF_DATE_CONFIGURATION_NEEDED("OutOfDateConfigurationNeeded"),
  /** Compromised: not to be trusted. */
  REVOKED("Revoked");

  private final String label;

  TcbStatus(String label) {
    this.label = label;
  }

  /** The status as documents spell it. */
  public String label() {
    return label;
  }

  /** Returns the status of that spelling, if there is one. */
  public static Optional<TcbStatus> of(String label) {
    for (TcbStatus status : values()) {
      if (status.label.equals(label)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return label;
  }
}
