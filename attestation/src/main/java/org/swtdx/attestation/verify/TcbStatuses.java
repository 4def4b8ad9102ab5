package org.swtdx.attestation.verify;

import org.swtdx.attestation.collateral.TcbStatus;

/** How the statuses of parts become one, after Intel's quote verification library. */
final class TcbStatuses {
  private TcbStatuses() {}

  /** Returns a platform's status once the status of its TDX module or quoting enclave is known. */
  static TcbStatus converge(TcbStatus platform, TcbStatus part) {
    return switch (part) {
      case UP_TO_DATE -> platform;
      case REVOKED -> TcbStatus.REVOKED;
      case OUT_OF_DATE,
          SW_HARDENING_NEEDED,
          CONFIGURATION_NEEDED,
          CONFIGURATION_AND_SW_HARDENING_NEEDED,
          TD_RELAUNCH_ADVISED,
          TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
          OUT_OF_DATE_CONFIGURATION_NEEDED ->
          outOfDate(platform);
    };
  }

  private static TcbStatus outOfDate(TcbStatus platform) {
    return switch (platform) {
      case UP_TO_DATE, SW_HARDENING_NEEDED -> TcbStatus.OUT_OF_DATE;
      case CONFIGURATION_NEEDED, CONFIGURATION_AND_SW_HARDENING_NEEDED ->
          TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
      case TD_RELAUNCH_ADVISED,
          TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
          OUT_OF_DATE,
          OUT_OF_DATE_CONFIGURATION_NEEDED,
          REVOKED ->
          platform;
    };
  }

  static boolean isOutOfDate(TcbStatus status) {
    return status == TcbStatus.OUT_OF_DATE || status == TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED;
  }

  static boolean needsConfiguration(TcbStatus status) {
    return switch (status) {
      case CONFIGURATION_NEEDED,
          CONFIGURATION_AND_SW_HARDENING_NEEDED,
          OUT_OF_DATE_CONFIGURATION_NEEDED,
          TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED ->
          true;
      case UP_TO_DATE, SW_HARDENING_NEEDED, TD_RELAUNCH_ADVISED, OUT_OF_DATE, REVOKED -> false;
    };
  }
}
