package org.swtdx.attestation.collateral;

/** The two kinds of trusted execution environment that quotes are about. */
public enum Tee {
  /** An enclave. */
  SGX("SGX", "QE"),
  /** A trust domain. */
  TDX("TDX", "TD_QE");

  private final String tcbInfoId;
  private final String qeIdentityId;

  Tee(String tcbInfoId, String qeIdentityId) {
    this.tcbInfoId = tcbInfoId;
    this.qeIdentityId = qeIdentityId;
  }

  /** The {@code id} of TCB info for it. */
  public String tcbInfoId() {
    return tcbInfoId;
  }

  /** The {@code id} of the identity of the enclave that quotes it. */
  public String qeIdentityId() {
    return qeIdentityId;
  }
}
