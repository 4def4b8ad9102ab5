package org.swtdx.attestation.mrtd;

/** In which order a VMM adds and measures the pages of a section. */
public enum MeasurementOrder {
  /** Each page is added and then measured: upstream Linux. */
  KVM("kvm"),
  /** All pages of a section are added, then all are measured: early out-of-tree kernels. */
  TWO_PASS("two-pass");

  private final String label;

  MeasurementOrder(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }
}
