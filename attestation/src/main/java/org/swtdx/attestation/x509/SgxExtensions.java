package org.swtdx.attestation.x509;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
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

  /** Contents of that identifier. */
  private static final byte[] IDENTIFIER = HexFormat.of().parseHex("2a864886f84d010d01");

  private static final byte[] TCB_IDENTIFIER = HexFormat.of().parseHex("2a864886f84d010d0102");
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
    Der all = Der.of(content, "an SGX extension");
    Map<Integer, Der> fields = fields(all, IDENTIFIER);
    all.requireEnd();
    return read(fields);
  }

  private static SgxExtensions read(Map<Integer, Der> fields) throws CertificateFormatException {
    Map<Integer, Der> tcb = fields(require(fields, 2), TCB_IDENTIFIER);
    List<Integer> svns = new ArrayList<>();
    byte[] cpuSvn = new byte[TcbLevel.COMPONENTS];
    for (int component = 1; component <= TcbLevel.COMPONENTS; component++) {
      int svn = integer(require(tcb, component), MAX_SVN);
      cpuSvn[component - 1] = (byte) svn;
      svns.add(svn);
    }
    if (!Arrays.equals(octets(require(tcb, 18), TcbLevel.COMPONENTS), cpuSvn)) {
      throw new CertificateFormatException("an SGX extension's CPUSVN is not its components");
    }
    Der type = require(fields, 5);
    SgxExtensions extensions =
        new SgxExtensions(
            HexFormat.of().formatHex(octets(require(fields, 1), 16)),
            svns,
            integer(require(tcb, 17), MAX_WIDE_SVN),
            HexFormat.of().formatHex(octets(require(fields, 3), 2)),
            Fmspc.of(octets(require(fields, 4), Fmspc.SIZE)),
            type.enumerated(Integer.MAX_VALUE));
    type.requireEnd();
    return extensions;
  }

  /**
   * Reads a sequence of pairs of identifier and value: by the number that an identifier has below
   * {@code parent}, the value. No identifier may come twice.
   */
  private static Map<Integer, Der> fields(Der in, byte[] parent) throws CertificateFormatException {
    Map<Integer, Der> fields = new HashMap<>();
    Der pairs = in.enter(Der.SEQUENCE);
    while (pairs.hasMore()) {
      Der pair = pairs.enter(Der.SEQUENCE);
      byte[] identifier = pair.contents(Der.OBJECT_IDENTIFIER);
      Der value = pair.value();
      pair.requireEnd();
      int last = identifier.length - 1;
      if (last != parent.length
          || !Arrays.equals(identifier, 0, last, parent, 0, last)
          || identifier[last] < 0
          || fields.put((int) identifier[last], value) != null) {
        throw new CertificateFormatException(
            "an SGX extension has a misplaced or repeated field, identifier contents "
                + HexFormat.of().formatHex(identifier));
      }
    }
    return fields;
  }

  private static Der require(Map<Integer, Der> fields, int number)
      throws CertificateFormatException {
    @Nullable Der value = fields.get(number);
    if (value == null) {
      throw new CertificateFormatException("an SGX extension lacks its field " + number);
    }
    return value;
  }

  private static int integer(Der value, int most) throws CertificateFormatException {
    int number = value.integer(most);
    value.requireEnd();
    return number;
  }

  private static byte[] octets(Der value, int size) throws CertificateFormatException {
    byte[] octets = value.contents(Der.OCTET_STRING);
    value.requireEnd();
    if (octets.length != size) {
      throw new CertificateFormatException(
          "an SGX extension has a field of " + octets.length + " bytes, not " + size);
    }
    return octets;
  }
}
