package org.swtdx.attestation.eventlog;

import java.util.Optional;

/**
 * A measurement register of a TD, by its index in event logs (UEFI specification, "Confidential
 * computing": MR index 0 is MRTD, 1 to 4 are RTMR0 to RTMR3).
 */
public enum MeasurementRegister {
  /** The build-time measurement; firmware can't extend it. */
  MRTD(0),
  /** Firmware's configuration. */
  RTMR0(1),
  /** Firmware's boot path: partition tables and images. */
  RTMR1(2),
  /** The operating system's boot loader, kernel and command line. */
  RTMR2(3),
  /** Whatever the running system chooses. */
  RTMR3(4);

  private final int mrIndex;

  MeasurementRegister(int mrIndex) {
    this.mrIndex = mrIndex;
  }

  /** The index in event logs, 0 to 4. */
  public int mrIndex() {
    return mrIndex;
  }

  /**
   * Returns the register with an index of event logs.
   *
   * @param mrIndex any number
   * @return the register; empty unless 0 to 4
   */
  public static Optional<MeasurementRegister> ofMrIndex(long mrIndex) {
    return mrIndex >= 0 && mrIndex < values().length
        ? Optional.of(values()[(int) mrIndex])
        : Optional.empty();
  }

  /**
   * Returns an RTMR.
   *
   * @param index 0 to 3
   */
  public static MeasurementRegister rtmr(int index) {
    if (index < 0 || index > 3) {
      throw new IllegalArgumentException("RTMR" + index + ": there are RTMR0 to RTMR3");
    }
    return values()[index + 1];
  }
}
