package org.swtdx.attestation.x509;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Certificates in PEM, and nothing else beside them. */
public final class PemCertificates {
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";
  private static final String END = "-----END CERTIFICATE-----";

  private PemCertificates() {}

  /**
   * Reads all certificates of a text: blocks of PEM with line ends between them, and perhaps a zero
   * byte at the end, as quotes have it. Base64 must be canonical.
   *
   * @param most the largest number of certificates that makes sense
   */
  public static List<Certificate> parse(byte[] pem, int most) throws CertificateFormatException {
    List<Certificate> certificates = new ArrayList<>();
    for (byte[] der : blocks(pem, most)) {
      certificates.add(Certificate.parse(der));
    }
    return List.copyOf(certificates);
  }

  /** Reads PEM as {@link #parse(byte[], int)} does, but leaves what is in it for the caller. */
  public static List<byte[]> blocks(byte[] pem, int most) throws CertificateFormatException {
    int end = pem.length > 0 && pem[pem.length - 1] == 0 ? pem.length - 1 : pem.length;
    String text = new String(pem, 0, end, StandardCharsets.ISO_8859_1);
    List<byte[]> blocks = new ArrayList<>();
    int position = skipLineEnds(text, 0);
    while (position < text.length()) {
      if (!text.startsWith(BEGIN, position)) {
        throw new CertificateFormatException(
            "at offset " + position + " of a certificate chain there is no " + BEGIN);
      }
      int from = position + BEGIN.length();
      int to = text.indexOf(END, from);
      if (to < 0) {
        throw new CertificateFormatException("a certificate in PEM has no " + END);
      }
      if (blocks.size() == most) {
        throw new CertificateFormatException(
            "a certificate chain has more than " + most + " certificates");
      }
      blocks.add(base64(text.substring(from, to)));
      position = skipLineEnds(text, to + END.length());
    }
    return blocks;
  }

  /** Reads certificates from text, as {@link #parse(byte[], int)}. */
  public static List<Certificate> parse(String pem, int most) throws CertificateFormatException {
    return parse(pem.getBytes(StandardCharsets.UTF_8), most);
  }

  /** Writes certificates in PEM. */
  public static String text(List<Certificate> certificates) {
    Base64.Encoder encoder = Base64.getMimeEncoder(64, new byte[] {'\n'});
    StringBuilder text = new StringBuilder();
    for (Certificate certificate : certificates) {
      text.append(BEGIN)
          .append('\n')
          .append(encoder.encodeToString(certificate.encoded()))
          .append('\n')
          .append(END)
          .append('\n');
    }
    return text.toString();
  }

  private static int skipLineEnds(String text, int from) {
    int position = from;
    while (position < text.length()
        && (text.charAt(position) == '\n' || text.charAt(position) == '\r')) {
      position++;
    }
    return position;
  }

  private static byte[] base64(String lines) throws CertificateFormatException {
    String digits = lines.replace("\r", "").replace("\n", "");
    try {
      byte[] bytes = Base64.getDecoder().decode(digits);
      if (!Base64.getEncoder().encodeToString(bytes).equals(digits)) {
        throw new CertificateFormatException("a certificate's Base64 is not canonical");
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new CertificateFormatException("a certificate in PEM is not Base64", e);
    }
  }
}
