package org.swtdx.attestation.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;

/**
 * Who can check signatures here. Native providers are used when their jar is on the class or module
 * path; they are neither required nor registered with the JVM.
 */
public final class EcdsaProviders {
  private static final String CORRETTO =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";
  private static final String CONSCRYPT = "org.conscrypt.OpenSSLProvider";

  private EcdsaProviders() {}

  /** Java code only: Bouncy Castle, which starts at once and works everywhere. */
  public static EcdsaP256 javaOnly() {
    return new BouncyCastleEcdsa();
  }

  /** The fastest there is here: Amazon Corretto's provider, Conscrypt, or {@link #javaOnly}. */
  public static EcdsaP256 fastest() {
    return corretto().or(EcdsaProviders::conscrypt).orElseGet(EcdsaProviders::javaOnly);
  }

  /** Amazon Corretto Crypto Provider, when it is present and runs on this machine. */
  public static Optional<EcdsaP256> corretto() {
    try {
      Class<?> type = Class.forName(CORRETTO);
      Provider provider = (Provider) type.getField("INSTANCE").get(null);
      type.getMethod("assertHealthy").invoke(provider);
      return Optional.of(of(provider));
    } catch (ReflectiveOperationException | GeneralSecurityException | LinkageError _) {
      return Optional.empty();
    }
  }

  /** Conscrypt, when it is present and runs on this machine. */
  public static Optional<EcdsaP256> conscrypt() {
    try {
      return Optional.of(
          of(Class.forName(CONSCRYPT).asSubclass(Provider.class).getConstructor().newInstance()));
    } catch (ReflectiveOperationException | GeneralSecurityException | LinkageError _) {
      return Optional.empty();
    }
  }

  /**
   * A provider of the caller's choice.
   *
   * @throws GeneralSecurityException when it lacks ECDSA over P-256
   */
  public static EcdsaP256 of(Provider provider) throws GeneralSecurityException {
    return new ProviderEcdsa(provider);
  }
}
