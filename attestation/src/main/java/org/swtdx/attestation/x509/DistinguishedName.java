package org.swtdx.attestation.x509;

import java.util.Arrays;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/** Whose a certificate is. Equal when the encodings are. */
public final class DistinguishedName {
  private final X500Name name;
  private final byte[] encoded;
  private final String commonName;

  DistinguishedName(X500Name name, byte[] encoded) {
    this.name = name;
    this.encoded = encoded;
    RDN[] parts = name.getRDNs(BCStyle.CN);
    commonName = parts.length == 0 ? "" : IETFUtils.valueToString(parts[0].getFirst().getValue());
  }

  /** The common name, or nothing. */
  public String commonName() {
    return commonName;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DistinguishedName that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    try {
      return BCStyle.INSTANCE.toString(name);
    } catch (RuntimeException _) {
      return "a name that cannot be read"; // the library reads values only when it prints them
    }
  }
}
