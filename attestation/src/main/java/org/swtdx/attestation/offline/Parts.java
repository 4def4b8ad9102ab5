package org.swtdx.attestation.offline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.RevocationList;

/** The pieces of collateral that files hold. Written while they are read, then only looked at. */
public final class Parts {
  /** TCB info as it was received and as it reads. */
  public record Tcb(SignedDocument document, TcbInfo info) {}

  /** A QE identity as it was received and as it reads. */
  public record Qe(SignedDocument document, QeIdentity identity) {}

  /** A complete set, and its TCB info and QE identity as they read. */
  public record Bundle(Collateral collateral, TcbInfo info, QeIdentity identity) {}

  private static final int SEQUENCE = 0x30;
  private static final int LONGEST_CHAIN = 16;
  private static final String PEM_CRL = "-----BEGIN X509 CRL-----";
  private static final String PEM_CRL_END = "-----END X509 CRL-----";
  private static final String PEM_CERTIFICATE = "-----BEGIN CERTIFICATE-----";

  private final List<Bundle> bundles = new ArrayList<>();
  private final List<Tcb> tcbInfos = new ArrayList<>();
  private final List<Qe> qeIdentities = new ArrayList<>();
  private final List<RevocationList> lists = new ArrayList<>();
  private final List<Certificate> certificates = new ArrayList<>();

  Parts() {}

  /** Complete sets. */
  public List<Bundle> bundles() {
    return List.copyOf(bundles);
  }

  /** TCB infos outside of bundles. */
  public List<Tcb> tcbInfos() {
    return List.copyOf(tcbInfos);
  }

  /** QE identities outside of bundles. */
  public List<Qe> qeIdentities() {
    return List.copyOf(qeIdentities);
  }

  /** Revocation lists outside of bundles. */
  public List<RevocationList> lists() {
    return List.copyOf(lists);
  }

  /** Certificates outside of bundles. */
  public List<Certificate> certificates() {
    return List.copyOf(certificates);
  }

  /** Takes in what {@code bytes} hold; passes over what is no collateral. */
  void add(byte[] bytes) {
    try {
      take(bytes);
    } catch (CollateralException | CertificateFormatException _) {
      return; // another kind of file, or one of these that nobody could use
    }
  }

  /** Takes in a file that was named itself. */
  void addRequired(byte[] bytes, String name) throws CollateralException {
    boolean taken;
    try {
      taken = take(bytes);
    } catch (CertificateFormatException | CollateralException e) {
      throw new CollateralException(name + ": " + e.getMessage(), e);
    }
    if (!taken) {
      throw new CollateralException(name + " is no collateral of a kind that is understood");
    }
  }

  private boolean take(byte[] bytes) throws CollateralException, CertificateFormatException {
    String text = new String(bytes, StandardCharsets.ISO_8859_1).strip();
    if (text.startsWith("{")) {
      return takeJson(bytes, text);
    }
    if (text.startsWith(PEM_CERTIFICATE)) {
      certificates.addAll(PemCertificates.parse(text, LONGEST_CHAIN));
      return true;
    }
    if (text.startsWith(PEM_CRL) && text.endsWith(PEM_CRL_END)) {
      String base64 = text.substring(PEM_CRL.length(), text.length() - PEM_CRL_END.length());
      return takeDer(decoded(base64));
    }
    if (text.startsWith("3082") && text.chars().allMatch(HexFormat::isHexDigit)) {
      return takeDer(HexFormat.of().parseHex(text.substring(0, text.length() & ~1)));
    }
    return bytes.length > 0 && bytes[0] == SEQUENCE && takeDer(bytes);
  }

  private static byte[] decoded(String base64) throws CertificateFormatException {
    try {
      return Base64.getMimeDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new CertificateFormatException("a revocation list in PEM is not Base64", e);
    }
  }

  private boolean takeJson(byte[] bytes, String text) throws CollateralException {
    if (text.contains("\"tcb_info_issuer_chain\"")) {
      Collateral bundle = CollateralBundle.parse(bytes);
      bundles.add(
          new Bundle(
              bundle,
              TcbInfo.parse(bundle.tcbInfo().body()),
              QeIdentity.parse(bundle.qeIdentity().body())));
    } else if (text.contains("\"tcbInfo\"")) {
      SignedDocument document = SignedDocument.ofTcbInfoResponse(bytes);
      tcbInfos.add(new Tcb(document, TcbInfo.parse(document.body())));
    } else if (text.contains("\"enclaveIdentity\"")) {
      SignedDocument document = SignedDocument.ofQeIdentityResponse(bytes);
      qeIdentities.add(new Qe(document, QeIdentity.parse(document.body())));
    } else {
      return false;
    }
    return true;
  }

  private boolean takeDer(byte[] der) throws CertificateFormatException {
    try {
      lists.add(RevocationList.parse(der));
    } catch (CertificateFormatException _) {
      certificates.add(Certificate.parse(der));
    }
    return true;
  }

  boolean isEmpty() {
    return bundles.isEmpty()
        && tcbInfos.isEmpty()
        && qeIdentities.isEmpty()
        && lists.isEmpty()
        && certificates.isEmpty();
  }
}
