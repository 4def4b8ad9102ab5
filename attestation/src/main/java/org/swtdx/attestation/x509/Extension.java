package org.swtdx.attestation.x509;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One extension of a certificate, a revocation list or an entry of one. */
final class Extension {
  static final ByteBuffer SUBJECT_KEY_IDENTIFIER = identifier("551d0e");
  static final ByteBuffer KEY_USAGE = identifier("551d0f");
  static final ByteBuffer BASIC_CONSTRAINTS = identifier("551d13");
  static final ByteBuffer CRL_NUMBER = identifier("551d14");
  static final ByteBuffer CRL_DISTRIBUTION_POINTS = identifier("551d1f");
  static final ByteBuffer AUTHORITY_KEY_IDENTIFIER = identifier("551d23");
  static final ByteBuffer SGX = identifier("2a864886f84d010d01");

  private final ByteBuffer identifier;
  private final boolean critical;
  private final byte[] value;

  private Extension(Der in) throws CertificateFormatException {
    identifier = ByteBuffer.wrap(in.contents(Der.OBJECT_IDENTIFIER));
    critical = in.isNext(Der.BOOLEAN);
    if (critical) {
      in.expectTrue();
    }
    value = in.contents(Der.OCTET_STRING);
    in.requireEnd();
  }

  private static ByteBuffer identifier(String hex) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(hex)).asReadOnlyBuffer();
  }

  /** Reads a sequence of extensions, none of which comes twice. */
  static List<Extension> list(Der in) throws CertificateFormatException {
    Der items = in.enter(Der.SEQUENCE);
    List<Extension> list = new ArrayList<>();
    Set<ByteBuffer> seen = new HashSet<>();
    while (items.hasMore()) {
      Extension extension = new Extension(items.enter(Der.SEQUENCE));
      if (!seen.add(extension.identifier)) {
        throw new CertificateFormatException(in.what() + " has an extension twice");
      }
      list.add(extension);
    }
    return list;
  }

  /** Refuses critical extensions but those {@code understood}. */
  static void requireUnderstood(List<Extension> list, Set<ByteBuffer> understood, String what)
      throws CertificateFormatException {
    for (Extension extension : list) {
      if (extension.critical && !understood.contains(extension.identifier)) {
        throw new CertificateFormatException(
            what
                + " has the critical extension "
                + HexFormat.of().formatHex(extension.identifier.array())
                + " (contents of its identifier), which is not understood");
      }
    }
  }

  /** Returns the contents of an extension, if it is there. */
  static Optional<byte[]> find(List<Extension> list, ByteBuffer identifier) {
    for (Extension extension : list) {
      if (extension.identifier.equals(identifier)) {
        return Optional.of(extension.value);
      }
    }
    return Optional.empty();
  }
}
