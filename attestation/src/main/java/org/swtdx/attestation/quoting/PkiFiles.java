package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.bouncycastle.util.io.pem.PemWriter;

/**
 * The files of a stored TEST PKI: for each role a certificate and a PKCS #8 key in PEM, and the
 * secret of report MACs in hexadecimal.
 */
final class PkiFiles {
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String PRIVATE_KEY = "PRIVATE KEY";
  private static final String REPORT_KEY = "report-mac.key";
  private static final byte[] PROBE = {1, 2, 3};

  private PkiFiles() {}

  static void write(Path directory, TestPki pki) throws IOException {
    try {
      for (PkiRole role : PkiRole.values()) {
        PkiIdentity identity = pki.identity(role);
        writeFile(
            directory.resolve(role.label() + ".pem"),
            pem(CERTIFICATE, identity.certificate().getEncoded()));
        writeFile(
            directory.resolve(role.label() + ".key"),
            pem(PRIVATE_KEY, identity.key().getEncoded()));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of our own cannot be encoded", e);
    }
    writeFile(directory.resolve(REPORT_KEY), HexFormat.of().formatHex(pki.reportKey()) + "\n");
  }

  /** Writes a file that its owner alone may read, from its first byte on. */
  static void writeFile(Path file, String text) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, text);
  }

  private static String pem(String type, byte[] content) throws IOException {
    StringWriter text = new StringWriter();
    try (PemWriter writer = new PemWriter(text)) {
      writer.writeObject(new PemObject(type, content));
    }
    return text.toString();
  }

  static TestPki read(Path directory) throws PkiException {
    SecureRandom random = new SecureRandom();
    Map<PkiRole, PkiIdentity> identities = new EnumMap<>(PkiRole.class);
    for (PkiRole role : PkiRole.values()) {
      identities.put(role, identity(directory, role, random));
    }
    for (PkiRole role : PkiRole.values()) {
      PublicKey issuer =
          Objects.requireNonNull(identities.get(role.issuer())).certificate().getPublicKey();
      try {
        Objects.requireNonNull(identities.get(role)).certificate().verify(issuer);
      } catch (GeneralSecurityException e) {
        throw damaged(directory.resolve(role.label() + ".pem"), "another root issued it", e);
      }
    }
    return new TestPki(identities, reportKey(directory), random);
  }

  private static PkiIdentity identity(Path directory, PkiRole role, SecureRandom random)
      throws PkiException {
    Path certificateFile = directory.resolve(role.label() + ".pem");
    Path keyFile = directory.resolve(role.label() + ".key");
    X509Certificate certificate;
    PrivateKey key;
    try {
      certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new java.io.ByteArrayInputStream(content(certificateFile, CERTIFICATE)));
    } catch (GeneralSecurityException e) {
      throw damaged(certificateFile, "it holds no certificate", e);
    }
    try {
      key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(content(keyFile, PRIVATE_KEY)));
    } catch (GeneralSecurityException e) {
      throw damaged(keyFile, "it holds no private key of an elliptic curve", e);
    }
    if (!EcKeys.belong(key, certificate.getPublicKey(), PROBE, random)) {
      throw damaged(keyFile, "it does not belong to " + certificateFile.getFileName(), null);
    }
    return new PkiIdentity(certificate, key);
  }

  private static byte[] content(Path file, String type) throws PkiException {
    try (PemReader reader = new PemReader(new StringReader(Files.readString(file)))) {
      PemObject object = reader.readPemObject();
      if (object == null || !object.getType().equals(type)) {
        throw damaged(file, "it holds no PEM " + type, null);
      }
      return object.getContent();
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, "it cannot be read: " + e.getMessage(), e);
    }
  }

  static byte[] reportKey(Path directory) throws PkiException {
    Path file = directory.resolve(REPORT_KEY);
    try {
      byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
      if (key.length == TestPki.REPORT_KEY_SIZE) {
        return key;
      }
      throw damaged(file, "it has " + key.length + " bytes, not " + TestPki.REPORT_KEY_SIZE, null);
    } catch (IOException | IllegalArgumentException e) {
      throw damaged(file, "it cannot be read: " + e.getMessage(), e);
    }
  }

  private static PkiException damaged(
      Path file, String why, @org.jspecify.annotations.Nullable Throwable cause) {
    String text =
        "the TEST PKI is damaged at %s: %s; restore it, or remove %s to start anew"
            .formatted(file, why, file.getParent());
    return cause == null ? new PkiException(text) : new PkiException(text, cause);
  }

  /** Removes the files of a TEST PKI, and their directory if nothing else is in it. */
  static void delete(Path directory) throws IOException {
    for (PkiRole role : PkiRole.values()) {
      Files.deleteIfExists(directory.resolve(role.label() + ".pem"));
      Files.deleteIfExists(directory.resolve(role.label() + ".key"));
    }
    for (String name : List.of(REPORT_KEY, PkiStore.STATE, PkiStore.LOCK)) {
      Files.deleteIfExists(directory.resolve(name));
    }
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException _) {
      // somebody keeps other files there
    }
  }
}
