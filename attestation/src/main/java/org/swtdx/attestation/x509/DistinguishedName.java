package org.swtdx.attestation.x509;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.swtdx.attestation.text.Printable;

/** Whose a certificate is. Equal when the encodings are. */
public final class DistinguishedName {
  private static final byte[] COMMON_NAME = {0x55, 4, 3};

  private final byte[] encoded;
  private final String commonName;

  private DistinguishedName(byte[] encoded, String commonName) {
    this.encoded = encoded;
    this.commonName = commonName;
  }

  /** Reads a name: a sequence of sets, each with one identifier and its text. */
  static DistinguishedName read(Der in) throws CertificateFormatException {
    byte[] encoded = in.encoding(Der.SEQUENCE);
    Der parts = Der.of(encoded, in.what()).enter(Der.SEQUENCE);
    String commonName = "";
    while (parts.hasMore()) {
      Der set = parts.enter(Der.SET);
      Der pair = set.enter(Der.SEQUENCE);
      set.requireEnd();
      byte[] identifier = pair.contents(Der.OBJECT_IDENTIFIER);
      String text = text(pair);
      pair.requireEnd();
      if (commonName.isEmpty() && Arrays.equals(identifier, COMMON_NAME)) {
        commonName = Printable.clean(text);
      }
    }
    return new DistinguishedName(encoded, commonName);
  }

  private static String text(Der in) throws CertificateFormatException {
    for (int tag : new int[] {Der.UTF8_STRING, Der.PRINTABLE_STRING, Der.IA5_STRING}) {
      if (in.isNext(tag)) {
        return new String(in.contents(tag), StandardCharsets.UTF_8);
      }
    }
    throw new CertificateFormatException(in.what() + " has a name of an unusual kind of text");
  }

  /** The common name, fit to be shown, or nothing. */
  public String commonName() {
    return commonName;
  }

  /** The common name; of a name without one, all of it. */
  public String shortName() {
    return commonName.isEmpty() ? toString() : commonName;
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
      return Printable.clean(BCStyle.INSTANCE.toString(X500Name.getInstance(encoded)));
    } catch (RuntimeException _) {
      return "a name that cannot be read"; // the library reads values only when it prints them
    }
  }
}
