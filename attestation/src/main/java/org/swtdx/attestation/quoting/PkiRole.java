package org.swtdx.attestation.quoting;

import java.util.Locale;

/** The certificates of the TEST PKI, which has the shape of Intel's (PCK Certificate Profile). */
public enum PkiRole {
  /** The root that a relying party has to trust. */
  ROOT_CA("Intel SGX Root CA", true),
  /** Issues PCK certificates of multi-package platforms. */
  PLATFORM_CA("Intel SGX PCK Platform CA", true),
  /** The platform's provisioning certification key, which signs the quoting enclave's report. */
  PCK("Intel SGX PCK Certificate", false),
  /** Signs TCB info and the identity of the quoting enclave. */
  TCB_SIGNING("Intel SGX TCB Signing", false);

  private final String commonName;
  private final boolean authority;

  PkiRole(String commonName, boolean authority) {
    this.commonName = commonName;
    this.authority = authority;
  }

  /** The CN of Intel's certificate in this role, which verifiers compare. */
  public String commonName() {
    return commonName;
  }

  /** Whether it issues certificates. */
  public boolean isAuthority() {
    return authority;
  }

  /** Name in files and on the command line, for example {@code platform-ca}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Who issued the certificate of this role. */
  PkiRole issuer() {
    return this == PCK ? PLATFORM_CA : ROOT_CA;
  }
}
