package org.swtdx.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.CollateralSource;
import org.swtdx.attestation.pcs.PcsClient;
import org.swtdx.attestation.pcs.PcsOptions;
import picocli.CommandLine.Option;

/** Which provisioning certification service to ask for collateral, and how. */
final class PcsSource {
  /** The environment variable that names the service. */
  static final String VARIABLE = "SWTDX_PCCS_URL";

  @Option(
      names = "--pccs",
      paramLabel = "URL",
      description =
          "A provisioning certification service or a cache of one, API version 4, for example"
              + " https://localhost:8081; default: $"
              + VARIABLE
              + ".")
  private @Nullable String url;

  @Option(names = "--offline", description = "Ask no service; take its answers from the cache.")
  private boolean offline;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Directory of a service's answers; default: $XDG_CACHE_HOME/swtdx/pcs, else"
              + " ~/.cache/swtdx/pcs.")
  private @Nullable Path cache;

  @Option(names = "--no-cache", description = "Keep a service's answers nowhere.")
  private boolean noCache;

  @Option(
      names = "--pccs-timeout",
      defaultValue = "20s",
      converter = TimeSpan.class,
      paramLabel = "DURATION",
      description = "For each answer of a service; default: 20s.")
  @SuppressWarnings("NullAway.Init")
  private Duration timeout;

  @Option(
      names = "--pccs-tls-root",
      paramLabel = "FILE",
      description = "Trust these certificates (PEM) for TLS instead of the platform's.")
  private @Nullable Path tlsRoot;

  @Option(
      names = "--update",
      paramLabel = "early|standard",
      description = "Whether TCB recoveries show at once; default: the service's.")
  private PcsOptions.@Nullable Update update;

  @Option(
      names = "--tcb-evaluation-data-number",
      paramLabel = "N",
      description = "The data of this TCB recovery.")
  private @Nullable Integer evaluationDataNumber;

  /** Whether a service or its cache is to be used. */
  boolean isNamed() {
    return named() != null || offline;
  }

  private @Nullable String named() {
    String variable = System.getenv(VARIABLE);
    return url != null || variable == null || variable.isEmpty() ? url : variable;
  }

  /**
   * The source.
   *
   * @param service the service to ask when none is named
   * @param talk hears what goes wrong without consequence
   */
  CollateralSource source(URI service, PrintWriter talk) throws InputException {
    PcsOptions options = options(service);
    Path directory = cache != null ? cache : byDefault(System.getenv());
    if (offline) {
      return PcsClient.offline(options, directory);
    }
    return PcsClient.online(
        client(),
        options,
        noCache ? Optional.empty() : Optional.of(directory),
        InstantSource.system(),
        line -> {
          talk.println("swtdx: " + line);
          talk.flush();
        });
  }

  private PcsOptions options(URI service) throws InputException {
    String named = named();
    try {
      return PcsOptions.of(named == null ? service : URI.create(named))
          .withTimeout(timeout)
          .withUpdate(
              Optional.ofNullable(update),
              evaluationDataNumber == null
                  ? OptionalInt.empty()
                  : OptionalInt.of(evaluationDataNumber));
    } catch (IllegalArgumentException e) {
      throw (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  static Path byDefault(Map<String, String> environment) {
    String directory = environment.get("XDG_CACHE_HOME");
    return directory != null && Path.of(directory).isAbsolute()
        ? Path.of(directory, "swtdx", "pcs")
        : Path.of(System.getProperty("user.home"), ".cache", "swtdx", "pcs");
  }

  private HttpClient client() throws InputException {
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(timeout).followRedirects(HttpClient.Redirect.NEVER);
    if (tlsRoot != null) {
      builder.sslContext(trusting(tlsRoot));
    }
    return builder.build();
  }

  private static SSLContext trusting(Path file) throws InputException {
    byte[] pem = InputFile.read(file, "certificate for TLS", 1 << 20);
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        store.setCertificateEntry("root-" + number++, certificate);
      }
      if (number == 0) {
        throw new InputException(file + " holds no certificate");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw (InputException)
          new InputException(file + " holds no readable certificates: " + e.getMessage())
              .initCause(e);
    }
  }
}
