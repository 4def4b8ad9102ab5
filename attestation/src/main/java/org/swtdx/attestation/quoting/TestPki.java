package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.jspecify.annotations.Nullable;

/**
 * The keys and certificates of a software platform: root, platform CA, PCK and TCB signing, and the
 * secret under which its processor authenticates reports. The certificates have the shape and the
 * common names of Intel's, which verifiers compare; their organization says TEST PKI. Thread-safe.
 */
public final class TestPki {
  /** What every subject carries and every text about such a chain says. */
  public static final String MARK = "TEST PKI";

  /** The organization in every subject. */
  public static final String ORGANIZATION = "swtdx " + MARK + " (not Intel Corporation)";

  /** Where certificates say that the root's CRL is; a local service answers there if one runs. */
  public static final String ROOT_CRL_URL = "http://localhost:8081/IntelSGXRootCA.der";

  /** Where the PCK certificate says that its CA's CRL is. */
  public static final String PCK_CRL_URL =
      "http://localhost:8081/sgx/certification/v4/pckcrl?ca=platform&encoding=der";

  private static final String PROCESSOR_CA = "Intel SGX PCK Processor CA";

  /** Size in bytes of the secret behind report MACs. */
  static final int REPORT_KEY_SIZE = 32;

  private final Map<PkiRole, PkiIdentity> identities;
  private final byte[] reportKey;
  private final SecureRandom random;
  private @Nullable PkiIdentity processorCa;

  TestPki(Map<PkiRole, PkiIdentity> identities, byte[] reportKey, SecureRandom random) {
    this.identities = Map.copyOf(identities);
    this.reportKey = reportKey.clone();
    this.random = random;
  }

  /**
   * Creates keys and certificates.
   *
   * @param entropy where keys come from; the same numbers give the same keys
   * @param now the certificates are valid from a day before
   */
  public static TestPki create(RandomGenerator entropy, Instant now) {
    return create(new GeneratorSecureRandom(entropy), now);
  }

  static TestPki create(SecureRandom random, Instant now) {
    CertificateIssuer issuer = new CertificateIssuer(random, now);
    Map<PkiRole, PkiIdentity> made = new EnumMap<>(PkiRole.class);
    for (PkiRole role : PkiRole.values()) {
      KeyPair keys = EcKeys.generate(random);
      PkiIdentity parent = made.get(role.issuer());
      X509Certificate certificate =
          issuer.issue(
              role,
              keys.getPublic(),
              parent == null ? keys.getPrivate() : parent.key(),
              parent == null ? keys.getPublic() : parent.certificate().getPublicKey(),
              role == PkiRole.PCK ? SgxExtension.of(bytes(random, 16), bytes(random, 16)) : null);
      made.put(role, new PkiIdentity(certificate, keys.getPrivate()));
    }
    return new TestPki(made, bytes(random, REPORT_KEY_SIZE), random);
  }

  private static byte[] bytes(SecureRandom random, int size) {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    return bytes;
  }

  /** The certificate in a role. */
  public X509Certificate certificate(PkiRole role) {
    return identity(role).certificate();
  }

  /** The root, which a relying party has to trust. */
  public X509Certificate root() {
    return certificate(PkiRole.ROOT_CA);
  }

  /** The certificates from a role's up to the root. */
  public List<X509Certificate> chain(PkiRole role) {
    return switch (role) {
      case ROOT_CA -> List.of(root());
      case PLATFORM_CA, TCB_SIGNING -> List.of(certificate(role), root());
      case PCK -> List.of(certificate(role), certificate(PkiRole.PLATFORM_CA), root());
    };
  }

  /** The chain of a role in PEM, leaf first, every line ended by a line feed. */
  public String pem(PkiRole role) {
    return pem(chain(role));
  }

  private static String pem(List<X509Certificate> chain) {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      for (X509Certificate certificate : chain) {
        writer.writeObject(new PemObject("CERTIFICATE", certificate.getEncoded()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("text in memory cannot be written", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of our own cannot be encoded", e);
    }
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  /** Identifies the quoting enclave on this platform (QEID, 16 bytes). */
  public byte[] qeId() {
    byte[] tag = "QEID".getBytes(StandardCharsets.US_ASCII);
    return Arrays.copyOf(
        EcKeys.sha256(tag, certificate(PkiRole.PCK).getPublicKey().getEncoded()), 16);
  }

  /** Checks and makes the MACs of this platform's reports. */
  public PlatformMac reportMac() {
    return new PlatformMac(reportKey);
  }

  /**
   * The secret behind the MACs, for the processor that makes reports (32 bytes); to be handed to
   * nobody else.
   */
  public byte[] reportKey() {
    return reportKey.clone();
  }

  PkiIdentity identity(PkiRole role) {
    @Nullable PkiIdentity identity = identities.get(role);
    if (identity == null) {
      throw new IllegalStateException("a TEST PKI without " + role.label());
    }
    return identity;
  }

  /**
   * The CA that issues PCK certificates of other platforms than this. Nothing of it is kept: it
   * comes into being when it is asked for, since services have to show its empty revocation list.
   */
  synchronized PkiIdentity processorCa() {
    PkiIdentity known = processorCa;
    if (known == null) {
      KeyPair keys = EcKeys.generate(random);
      PkiIdentity root = identity(PkiRole.ROOT_CA);
      X509Certificate certificate =
          new CertificateIssuer(random, root.certificate().getNotBefore().toInstant())
              .issue(
                  PkiRole.PLATFORM_CA,
                  PROCESSOR_CA,
                  keys.getPublic(),
                  root.key(),
                  root.certificate().getPublicKey(),
                  null);
      known = new PkiIdentity(certificate, keys.getPrivate());
      processorCa = known;
    }
    return known;
  }

  /** The chain of {@link #processorCa} in PEM. */
  String processorPem() {
    return pem(List.of(processorCa().certificate(), root()));
  }

  /** Signs with the key of a role; r and s, 32 bytes each. */
  byte[] sign(PkiRole role, byte[] message) {
    return EcKeys.sign(identity(role).key(), message, random);
  }

  SecureRandom random() {
    return random;
  }
}
