package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Boolean;
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
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.swtdx.attestation.quote.PckChain;

/**
 * A certificate hierarchy of the shape of Intel's (PCK Certificate Profile): a root CA, a PCK
 * platform CA, and the PCK certificate of one platform with the SGX extension. Every name in it
 * says that it is a TEST PKI, and its keys live no longer than this object.
 */
final class TestPki {
  /** What every subject carries and every text about such a chain says. */
  static final String MARK = "TEST PKI";

  private static final ASN1ObjectIdentifier SGX = new ASN1ObjectIdentifier(PckChain.SGX_EXTENSION);
  private static final int TCB_COMPONENTS = 16;
  private static final Duration VALIDITY = Duration.ofDays(3650);

  private final SecureRandom random;
  private final Instant now;
  private final KeyPair pck;
  private final PckChain chain;

  private record Authority(X500Name name, PublicKey key, PrivateKey secret) {}

  /** Creates all keys and certificates; they are valid from a day before {@code now}. */
  TestPki(SecureRandom random, Instant now) {
    this.random = random;
    this.now = now;
    try {
      Authority root = authority("Root CA");
      Authority platformCa = authority("PCK Platform CA");
      pck = EcKeys.generate(random);
      X509Certificate rootCertificate = issueAuthority(root, root, 1);
      X509Certificate caCertificate = issueAuthority(platformCa, root, 0);
      chain = new PckChain(List.of(issuePck(platformCa), caCertificate, rootCertificate));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("certificates of our own cannot be built", e);
    } catch (IOException e) {
      throw new UncheckedIOException("an extension cannot be encoded", e);
    }
  }

  PckChain chain() {
    return chain;
  }

  byte[] signWithPck(byte[] message) {
    return EcKeys.sign(pck.getPrivate(), message, random);
  }

  /** The chain as quotes hold it: PEM, leaf first. */
  byte[] pem() {
    StringBuilder text = new StringBuilder();
    Base64.Encoder base64 = Base64.getMimeEncoder(64, new byte[] {'\n'});
    try {
      for (X509Certificate certificate : chain.certificates()) {
        text.append("-----BEGIN CERTIFICATE-----\n")
            .append(base64.encodeToString(certificate.getEncoded()))
            .append("\n-----END CERTIFICATE-----\n");
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of our own cannot be encoded", e);
    }
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private Authority authority(String role) {
    KeyPair keys = EcKeys.generate(random);
    return new Authority(name(role), keys.getPublic(), keys.getPrivate());
  }

  private static X500Name name(String role) {
    return new X500Name("CN=swtdx " + MARK + " " + role + ",O=swtdx " + MARK);
  }

  private X509Certificate issueAuthority(Authority subject, Authority issuer, int pathLength)
      throws OperatorCreationException, GeneralSecurityException, IOException {
    X509v3CertificateBuilder builder = builder(subject.name, subject.key, issuer);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    return sign(builder, issuer);
  }

  private X509Certificate issuePck(Authority issuer)
      throws OperatorCreationException, GeneralSecurityException, IOException {
    X509v3CertificateBuilder builder = builder(name("PCK Certificate"), pck.getPublic(), issuer);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(KeyUsage.digitalSignature | KeyUsage.nonRepudiation));
    builder.addExtension(SGX, false, sgxExtension());
    return sign(builder, issuer);
  }

  private X509v3CertificateBuilder builder(X500Name subject, PublicKey key, Authority issuer)
      throws GeneralSecurityException, IOException {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer.name,
            new BigInteger(159, random).setBit(158),
            Date.from(now.minus(Duration.ofDays(1))),
            Date.from(now.plus(VALIDITY)),
            subject,
            key);
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(issuer.key));
    return builder;
  }

  private X509Certificate sign(X509v3CertificateBuilder builder, Authority issuer)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .setSecureRandom(random)
                    .build(issuer.secret)));
  }

  /** PPID, TCB, PCE-ID, FMSPC, SGX type, platform instance and configuration of the platform. */
  private DERSequence sgxExtension() {
    ASN1EncodableVector tcb = new ASN1EncodableVector();
    byte[] cpuSvn = new byte[TCB_COMPONENTS];
    for (int component = 1; component <= TCB_COMPONENTS; component++) {
      cpuSvn[component - 1] = (byte) (component <= 2 ? 1 : 0);
      tcb.add(entry("2." + component, new ASN1Integer(cpuSvn[component - 1])));
    }
    tcb.add(entry("2.17", new ASN1Integer(1)));
    tcb.add(entry("2.18", new DEROctetString(cpuSvn)));
    ASN1Encodable[] configuration = {
      entry("7.1", ASN1Boolean.TRUE),
      entry("7.2", ASN1Boolean.FALSE),
      entry("7.3", ASN1Boolean.TRUE)
    };
    return new DERSequence(
        new ASN1Encodable[] {
          entry("1", new DEROctetString(randomBytes(16))),
          entry("2", new DERSequence(tcb)),
          entry("3", new DEROctetString(new byte[2])),
          entry("4", new DEROctetString(new byte[6])),
          entry("5", new ASN1Enumerated(1)),
          entry("6", new DEROctetString(randomBytes(16))),
          entry("7", new DERSequence(configuration))
        });
  }

  private byte[] randomBytes(int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  private static DERSequence entry(String branch, ASN1Encodable value) {
    return new DERSequence(new ASN1Encodable[] {SGX.branch(branch), value});
  }
}
