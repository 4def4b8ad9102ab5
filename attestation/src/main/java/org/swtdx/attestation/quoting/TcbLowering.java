package org.swtdx.attestation.quoting;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.swtdx.attestation.collateral.TcbStatus;

/**
 * That a part of the platform is no longer up to date.
 *
 * @param status the status that collateral gives it
 * @param advisoryIds the advisories that collateral gives as reasons
 */
public record TcbLowering(TcbStatus status, List<String> advisoryIds) {
  /** The statuses that collateral can give to something that is not up to date. */
  public static final Set<TcbStatus> STATUSES =
      Set.copyOf(
          EnumSet.complementOf(
              EnumSet.of(
                  TcbStatus.UP_TO_DATE,
                  TcbStatus.TD_RELAUNCH_ADVISED,
                  TcbStatus.TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED)));

  /** Checks the status. */
  public TcbLowering {
    if (!STATUSES.contains(status)) {
      throw new IllegalArgumentException(status + " is no TCB status of collateral below UpToDate");
    }
    advisoryIds = List.copyOf(advisoryIds);
  }

  /**
   * Reads a status as Intel spells it.
   *
   * @throws IllegalArgumentException when collateral does not lower anything to it
   */
  public static TcbLowering of(String status, List<String> advisoryIds) {
    return new TcbLowering(
        TcbStatus.of(status)
            .filter(STATUSES::contains)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "'" + status + "' is no TCB status below UpToDate; there are " + names())),
        advisoryIds);
  }

  private static String names() {
    return STATUSES.stream().sorted().map(TcbStatus::label).collect(Collectors.joining(", "));
  }

  /** Whether the status says that newer security versions exist. */
  boolean isSuperseded() {
    return status == TcbStatus.OUT_OF_DATE
        || status == TcbStatus.OUT_OF_DATE_CONFIGURATION_NEEDED
        || status == TcbStatus.REVOKED;
  }
}
