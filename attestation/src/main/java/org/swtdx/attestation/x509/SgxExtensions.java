package org.swtdx.attestation.x509;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.TcbLevel;

/**
 * What a PCK certificate says of its platform (PCK Certificate Profile, "SGX Extensions").
 *
 * @param ppid the platform's provisioning ID, 32 lower-case hexadecimal digits
 * @param componentSvns security versions of the sixteen SGX TCB components
 * @param pceSvn security version of the provisioning certification enclave
 * @param pceId which provisioning certification enclave, four hexadecimal digits
 * @param fmspc the kind of platform
 * @param sgxType 0 standard, 1 scalable, 2 scalable with integrity
 */
public record SgxExtensions(
    String ppid, List<Integer> componentSvns, int pceSvn, String pceId, Fmspc fmspc, int sgxType) {
  /** The extension's identifier. */
  public static final String OID = "1.2.840.113741.1.13.1";

  private static final int MAX_SVN = 0xff;
  private static final int MAX_WIDE_SVN = 0xffff;

  /** Copies the list. */
  public SgxExtensions {
    componentSvns = List.copyOf(componentSvns);
  }

  /** Reads the extension of a certificate; one without it is no PCK certificate. */
  public static SgxExtensions of(Certificate certificate) throws CertificateFormatException {
    byte[] content =
        certificate
            .sgxExtension()
            .orElseThrow(
                () ->
                    new CertificateFormatException(
                        "the certificate of " + certificate + " has no SGX extension"));
    try {
      return read(StrictDer.read(content, "an SGX extension"));
    } catch (RuntimeException e) {
      throw new CertificateFormatException("an SGX extension has unreadable parts", e);
    }
  }

  private static SgxExtensions read(ASN1Encodable content) throws CertificateFormatException {
    Map<String, ASN1Encodable> fields = fields(content, OID);
    Map<String, ASN1Encodable> tcb = fields(require(fields, OID + ".2"), OID + ".2");
    List<Integer> svns = new ArrayList<>();
    byte[] cpuSvn = new byte[TcbLevel.COMPONENTS];
    for (int component = 1; component <= TcbLevel.COMPONENTS; component++) {
      int svn = integer(require(tcb, OID + ".2." + component), MAX_SVN);
      cpuSvn[component - 1] = (byte) svn;
      svns.add(svn);
    }
    if (!Arrays.equals(octets(require(tcb, OID + ".2.18"), TcbLevel.COMPONENTS), cpuSvn)) {
      throw new CertificateFormatException("an SGX extension's CPUSVN is not its components");
    }
    return new SgxExtensions(
        HexFormat.of().formatHex(octets(require(fields, OID + ".1"), 16)),
        svns,
        integer(require(tcb, OID + ".2.17"), MAX_WIDE_SVN),
        HexFormat.of().formatHex(octets(require(fields, OID + ".3"), 2)),
        Fmspc.of(octets(require(fields, OID + ".4"), Fmspc.SIZE)),
        ASN1Enumerated.getInstance(require(fields, OID + ".5")).intValueExact());
  }

  /** Reads a sequence of pairs of identifier and value; no identifier may come twice. */
  private static Map<String, ASN1Encodable> fields(ASN1Encodable value, String parent)
      throws CertificateFormatException {
    Map<String, ASN1Encodable> fields = new LinkedHashMap<>();
    for (ASN1Encodable item : ASN1Sequence.getInstance(value)) {
      ASN1Sequence pair = ASN1Sequence.getInstance(item);
      String identifier =
          pair.size() == 2 ? ASN1ObjectIdentifier.getInstance(pair.getObjectAt(0)).getId() : "";
      if (!identifier.startsWith(parent + ".")
          || fields.put(identifier, pair.getObjectAt(1)) != null) {
        throw new CertificateFormatException(
            "an SGX extension has a misplaced or repeated field " + identifier);
      }
    }
    return fields;
  }

  private static ASN1Encodable require(Map<String, ASN1Encodable> fields, String identifier)
      throws CertificateFormatException {
    @Nullable ASN1Encodable value = fields.get(identifier);
    if (value == null) {
      throw new CertificateFormatException("an SGX extension has no field " + identifier);
    }
    return value;
  }

  private static int integer(ASN1Encodable value, int most) throws CertificateFormatException {
    BigInteger number = ASN1Integer.getInstance(value).getValue();
    if (number.signum() < 0 || number.bitLength() > 16 || number.intValueExact() > most) {
      throw new CertificateFormatException(
          "an SGX extension has a security version of " + number + ", more than " + most);
    }
    return number.intValueExact();
  }

  private static byte[] octets(ASN1Encodable value, int size) throws CertificateFormatException {
    byte[] octets = ASN1OctetString.getInstance(value).getOctets();
    if (octets.length != size) {
      throw new CertificateFormatException(
          "an SGX extension has a field of " + octets.length + " bytes, not " + size);
    }
    return octets;
  }
}
