package org.swtdx.attestation.verify;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.SgxExtensions;

/** A certificate with every liberty that a test wants to take. */
final class TestCertificate {
  static final int CA_USAGE = KeyUsage.keyCertSign | KeyUsage.cRLSign;
  static final int LEAF_USAGE = KeyUsage.digitalSignature | KeyUsage.nonRepudiation;

  final String name;
  final KeyPair keys;
  int usage = LEAF_USAGE;
  boolean authority;
  int pathLength = -1;
  BigInteger serialNumber;
  Instant notBefore = TestPlatform.NOW.minus(Duration.ofDays(100));
  Instant notAfter = TestPlatform.NOW.plus(Duration.ofDays(1000));
  List<Integer> components = List.of();
  int pceSvn = 11;
  byte[] fmspc = TestPlatform.FMSPC.clone();
  byte[] pceId = new byte[2];
  String unknownCriticalExtension = "";

  TestCertificate(String name, KeyPair keys, int serialNumber) {
    this.name = name;
    this.keys = keys;
    this.serialNumber = BigInteger.valueOf(serialNumber);
  }

  static TestCertificate authority(String name, KeyPair keys, int serialNumber) {
    TestCertificate certificate = new TestCertificate(name, keys, serialNumber);
    certificate.usage = CA_USAGE;
    certificate.authority = true;
    return certificate;
  }

  X500Name x500Name() {
    return new X500Name("CN=" + name + ",O=swtdx tests");
  }

  Certificate issuedBy(TestCertificate issuer) {
    try {
      return Certificate.parse(encodedBy(issuer));
    } catch (CertificateFormatException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The certificate in PEM, also when it is one that is not to be read. */
  String pemIssuedBy(TestCertificate issuer) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getEncoder().encodeToString(encodedBy(issuer))
        + "\n-----END CERTIFICATE-----\n";
  }

  private byte[] encodedBy(TestCertificate issuer) {
    try {
      X509v3CertificateBuilder builder =
          new X509v3CertificateBuilder(
              issuer.x500Name(),
              serialNumber,
              Date.from(notBefore),
              Date.from(notAfter),
              x500Name(),
              SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()));
      builder.addExtension(Extension.basicConstraints, true, constraints());
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      if (!components.isEmpty()) {
        builder.addExtension(new ASN1ObjectIdentifier(SgxExtensions.OID), false, sgxExtension());
      }
      if (!unknownCriticalExtension.isEmpty()) {
        builder.addExtension(
            new ASN1ObjectIdentifier(unknownCriticalExtension),
            true,
            new DEROctetString(new byte[1]));
      }
      return builder
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.keys.getPrivate()))
          .getEncoded();
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private BasicConstraints constraints() {
    return authority && pathLength >= 0
        ? new BasicConstraints(pathLength)
        : new BasicConstraints(authority);
  }

  private DERSequence sgxExtension() {
    ASN1EncodableVector tcb = new ASN1EncodableVector();
    byte[] cpuSvn = new byte[components.size()];
    for (int i = 0; i < components.size(); i++) {
      cpuSvn[i] = (byte) (int) components.get(i);
      tcb.add(field("2." + (i + 1), new ASN1Integer(components.get(i))));
    }
    tcb.add(field("2.17", new ASN1Integer(pceSvn)));
    tcb.add(field("2.18", new DEROctetString(cpuSvn)));
    return new DERSequence(
        new ASN1Encodable[] {
          field("1", new DEROctetString(new byte[16])),
          field("2", new DERSequence(tcb)),
          field("3", new DEROctetString(pceId)),
          field("4", new DEROctetString(fmspc)),
          field("5", new ASN1Enumerated(1))
        });
  }

  private static DERSequence field(String branch, ASN1Encodable value) {
    return new DERSequence(
        new ASN1Encodable[] {new ASN1ObjectIdentifier(SgxExtensions.OID + "." + branch), value});
  }
}
