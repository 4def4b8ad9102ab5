package org.swtdx.attestation.verify;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.RevocationList;

/** Reads collateral and checks all its signatures; what held once is remembered. */
final class CollateralChecks {
  private static final String TCB_SIGNING = "TCB Signing";
  private static final int REMEMBERED = 64;

  private final Chains chains;
  private final BoundedCache<Collateral, CheckedCollateral> checked =
      new BoundedCache<>(REMEMBERED);

  CollateralChecks(Chains chains) {
    this.chains = chains;
  }

  CheckedCollateral check(Collateral collateral) throws RefusedException {
    Optional<CheckedCollateral> known = checked.get(collateral);
    if (known.isPresent()) {
      return known.get();
    }
    CheckedCollateral result = read(collateral);
    checked.put(collateral, result);
    return result;
  }

  private CheckedCollateral read(Collateral collateral) throws RefusedException {
    List<Validity> validities = new ArrayList<>();
    validities.add(Validity.of(chains.root()));
    RevocationList rootList = list(collateral.rootCaCrl(), "root CA CRL");
    checkList(rootList, chains.root(), "root CA CRL");
    validities.add(Validity.of(rootList));
    RevocationList pckList = list(collateral.pckCrl(), "PCK CRL");
    validities.add(Validity.of(pckList));
    Optional<Certificate> issuer = Optional.empty();
    if (collateral.pckCrlIssuerChain().isPresent()) {
      issuer =
          Optional.of(issuer(collateral.pckCrlIssuerChain().get(), pckList, rootList, validities));
    }
    Certificate tcbSigner =
        signer(collateral.tcbInfoIssuerChain(), "TCB info issuer chain", rootList, validities);
    checkDocument(collateral.tcbInfo(), tcbSigner, "TCB info");
    Certificate qeSigner =
        signer(
            collateral.qeIdentityIssuerChain(), "QE identity issuer chain", rootList, validities);
    checkDocument(collateral.qeIdentity(), qeSigner, "QE identity");
    try {
      TcbInfo tcbInfo = sorted(TcbInfo.parse(collateral.tcbInfo().body()));
      QeIdentity qeIdentity = QeIdentity.parse(collateral.qeIdentity().body());
      validities.add(document("TCB info", tcbInfo.issueDate(), tcbInfo.nextUpdate()));
      validities.add(document("QE identity", qeIdentity.issueDate(), qeIdentity.nextUpdate()));
      return new CheckedCollateral(
          rootList, pckList, issuer, tcbInfo, qeIdentity, List.copyOf(validities));
    } catch (CollateralException e) {
      throw new RefusedException(
          Reason.COLLATERAL_MALFORMED,
          "collateral",
          "unreadable: " + e.getMessage(),
          "TCB info of version 3 and QE identity of version 2");
    }
  }

  private static TcbInfo sorted(TcbInfo info) {
    return new TcbInfo(
        info.tee(),
        info.issueDate(),
        info.nextUpdate(),
        info.fmspc(),
        info.pceId(),
        info.tcbType(),
        info.tcbEvaluationDataNumber(),
        info.tdxModule(),
        info.tdxModuleIdentities(),
        TcbLevels.highestFirst(info.tcbLevels()));
  }

  private static Validity document(String what, Instant from, Instant to) {
    return new Validity("validity of the " + what, Reason.COLLATERAL_VALIDITY, from, to);
  }

  private static RevocationList list(byte[] der, String what) throws RefusedException {
    try {
      return RevocationList.parse(der);
    } catch (CertificateFormatException e) {
      throw new RefusedException(
          Reason.COLLATERAL_MALFORMED,
          what,
          "unreadable: " + e.getMessage(),
          "a revocation list in DER");
    }
  }

  /** Refuses a revocation list that {@code issuer} did not sign. */
  void checkList(RevocationList list, Certificate issuer, String what) throws RefusedException {
    if (!list.issuer().equals(issuer.subject())
        || !issuer.maySignLists()
        || !list.isSignedBy(issuer, chains.ecdsa())) {
      throw new RefusedException(
          Reason.COLLATERAL_SIGNATURE,
          "signature of the " + what,
          "not valid, of '" + list.issuer() + "'",
          "made by '" + issuer + "' with cRLSign");
    }
  }

  /** Returns the CA that signed the PCK CRL. */
  private Certificate issuer(
      String pem, RevocationList list, RevocationList rootList, List<Validity> validities)
      throws RefusedException {
    String what = "PCK CRL issuer chain";
    List<Certificate> chain = chain(pem, what, rootList, validities);
    checkList(list, chain.getFirst(), "PCK CRL");
    return chain.getFirst();
  }

  /** Returns the certificate that signs documents: issued by the root, and no CA. */
  private Certificate signer(
      String pem, String what, RevocationList rootList, List<Validity> validities)
      throws RefusedException {
    Certificate signer = chain(pem, what, rootList, validities).getFirst();
    boolean named =
        !chains.root().equals(IntelRoot.certificate())
            || signer.subject().commonName().contains(TCB_SIGNING);
    if (!signer.maySignData() || !named || signer.isPck()) {
      throw new RefusedException(
          Reason.COLLATERAL_SIGNATURE,
          "first certificate of the " + what,
          "'" + signer + "', of another kind",
          "a TCB signing certificate with digitalSignature, and no CA");
    }
    return signer;
  }

  /** Reads and checks a chain of one certificate under the root, which may be left out. */
  private List<Certificate> chain(
      String pem, String what, RevocationList rootList, List<Validity> validities)
      throws RefusedException {
    List<Certificate> chain;
    try {
      chain = new ArrayList<>(chains.parse(pem.getBytes(StandardCharsets.UTF_8)));
    } catch (CertificateFormatException e) {
      throw new RefusedException(
          Reason.COLLATERAL_MALFORMED,
          what,
          "unreadable: " + e.getMessage(),
          "certificates in PEM");
    }
    if (chain.size() == 1) {
      chain.add(chains.root());
    }
    if (chain.size() != 2) {
      throw new RefusedException(
          Reason.COLLATERAL_SIGNATURE, "length of the " + what, chain.size() + "", "2");
    }
    chains.check(chain, Reason.COLLATERAL_SIGNATURE, what);
    checkRevoked(chain.getFirst(), rootList);
    validities.add(Validity.of(chain.getFirst()));
    return chain;
  }

  /** Refuses a certificate that is on its issuer's list. */
  static void checkRevoked(Certificate certificate, RevocationList list) throws RefusedException {
    if (list.isRevoked(certificate)) {
      throw new RefusedException(
          Reason.REVOKED,
          "certificate '" + certificate.subject().shortName() + "'",
          "revoked, serial number " + certificate.serialNumber().toString(16),
          "not on the revocation list of '" + list.issuer() + "'");
    }
  }

  private void checkDocument(SignedDocument document, Certificate signer, String what)
      throws RefusedException {
    if (!chains.ecdsa().verify(signer.publicKey(), document.body(), document.signature())) {
      throw new RefusedException(
          Reason.COLLATERAL_SIGNATURE,
          "signature of the " + what,
          "wrong",
          "made by '" + signer + "' over the exact bytes");
    }
  }
}
