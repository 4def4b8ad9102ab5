package org.swtdx.attestation.x509;

import java.util.Arrays;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;

/** Whose a certificate is. Equal when the encodings are. */
public final class DistinguishedName {
  private final byte[] encoded;
  private final String commonName;
  private final String text;

  /** Reads all of a name, so that one that cannot be read is found now. */
  DistinguishedName(X500Name name, byte[] encoded) {
    this.encoded = encoded;
    RDN[] parts = name.getRDNs(BCStyle.CN);
    commonName = parts.length == 0 ? "" : IETFUtils.valueToString(parts[0].getFirst().getValue());
    text = BCStyle.INSTANCE.toString(name);
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
    return text;
  }
}
