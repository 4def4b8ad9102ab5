package org.swtdx.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.qgs.PlatformQgs;
import org.swtdx.attestation.qgs.QgsClient;
import org.swtdx.attestation.qgs.QgsException;
import org.swtdx.attestation.qgs.QgsResponder;
import org.swtdx.attestation.qgs.QgsTransport;
import org.swtdx.attestation.qgs.SocketQgsTransport;
import org.swtdx.attestation.quote.TdQuoteBody;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.QuoteVersion;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.verify.Refusal;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.cpu.Platform;
import org.swtdx.vmm.Quoting;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachineConfig;

/**
 * The host's side of GetQuote: asks the quote generation service, in this process or at a socket,
 * and checks what it gave out. Keys and certificates are read on a thread of their own while the TD
 * is built.
 */
final class QuotingService implements Quoting {
  private static final HexFormat HEX = HexFormat.of();

  private final Platform platform;
  private final VirtualMachineConfig config;
  private final FutureTask<Keys> keys;
  private byte @Nullable [] last;
  private Map<String, String> atQuote = Map.of();

  /** What becomes ready in the background. */
  private record Keys(TestPki pki, QgsClient client) {}

  /**
   * Creates the service.
   *
   * @param installed the keys of this installation
   * @param socket where an external service listens; empty for one in this process
   * @param log hears of each request
   */
  QuotingService(
      Platform platform,
      VirtualMachineConfig config,
      InstalledPki installed,
      Optional<Path> socket,
      Consumer<String> log) {
    this.platform = platform;
    this.config = config;
    keys =
        new FutureTask<>(
            () -> {
              TestPki pki = installed.pki();
              QgsTransport transport =
                  socket.isPresent()
                      ? SocketQgsTransport.unix(socket.get(), SocketQgsTransport.TIMEOUT)
                      : new QgsResponder(local(pki, installed), log);
              return new Keys(pki, new QgsClient(transport));
            });
  }

  private PlatformQgs local(TestPki pki, InstalledPki installed) {
    QuotingEnclave enclave = new QuotingEnclave(pki, platform.reportMac()::verify);
    return new PlatformQgs(
        pki,
        enclave,
        QuoteVersion.V4,
        installed::state,
        () -> Instant.ofEpochMilli(platform.environment().wallClockMillis()));
  }

  /** Begins to read keys and certificates. */
  void prepare() {
    Thread.ofPlatform().daemon().name("quoting-enclave").start(keys);
  }

  @Override
  public Reply quote(byte[] report) {
    try {
      keys.run();
      byte[] quote = keys.get().client().quote(report);
      synchronized (this) {
        last = quote;
        atQuote = platform.events().statements();
      }
      return new Quote(quote);
    } catch (QgsException e) {
      return new Failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Unavailable("the quote generation service does not answer: " + e.getMessage());
    } catch (ExecutionException e) {
      return new Failed("no keys could be had: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Failed("interrupted while keys were made");
    }
  }

  /** The last quote, if there was one. */
  synchronized Optional<byte[]> lastQuote() {
    return Optional.ofNullable(last).map(byte[]::clone);
  }

  /** Checks the last quote against the TD that ran; empty when none was asked for. */
  synchronized Optional<QuoteCheck> check(RunResult result) {
    if (last == null) {
      return Optional.empty();
    }
    List<String> failures =
        switch (verify(last)) {
          case Verdict.Refused refused ->
              refused.refusals().stream().map(Refusal::toString).toList();
          case Verdict.Undecided undecided -> List.of(undecided.missing());
          case Verdict.Accepted accepted -> differences(accepted.quote(), result);
        };
    return Optional.of(new QuoteCheck(last.length, failures));
  }

  /**
   * Judges by collateral in which nothing is revoked or out of date, whatever the installation's
   * says at present, and takes TDs that can be debugged.
   */
  private Verdict verify(byte[] quote) {
    TestPki pki = keys.resultNow().pki();
    Instant now = Instant.now();
    try {
      return QuoteVerifier.builder()
          .trustedRoot(Certificate.parse(pki.root().getEncoded()))
          .collateral(new CollateralIssuer(pki, PkiState.INITIAL).issue(now))
          .policy(Policy.builder().allowDebug(true).allowMigration(true).build())
          .signatures(EcdsaProviders.javaOnly())
          .build()
          .verify(quote, now);
    } catch (CertificateFormatException | CertificateEncodingException e) {
      throw new IllegalStateException("a certificate of our own cannot be read", e);
    }
  }

  private List<String> differences(org.swtdx.attestation.quote.Quote quote, RunResult result) {
    List<String> failures = new ArrayList<>();
    TdQuoteBody body = quote.td().orElseThrow();
    compare(failures, "MRTD", HEX.formatHex(body.mrTd()), predictedMrtd());
    for (int i = 0; i < 4; i++) {
      String name = "RTMR" + i;
      compare(failures, name, HEX.formatHex(body.rtmr(i)), atQuote.getOrDefault(name, "unknown"));
    }
    compare(
        failures, "MRCONFIGID", HEX.formatHex(body.mrConfigId()), config.td().mrConfigId().hex());
    compare(failures, "MROWNER", HEX.formatHex(body.mrOwner()), config.td().mrOwner().hex());
    compare(
        failures,
        "MROWNERCONFIG",
        HEX.formatHex(body.mrOwnerConfig()),
        config.td().mrOwnerConfig().hex());
    compare(
        failures,
        "ATTRIBUTES",
        HEX.toHexDigits(body.tdAttributes()),
        HEX.toHexDigits(config.td().attributes()));
    compare(failures, "XFAM", HEX.toHexDigits(body.xfam()), HEX.toHexDigits(result.xfam()));
    return failures;
  }

  private String predictedMrtd() {
    try {
      TdvfImage image = TdvfImage.parse(config.firmware().image());
      return HEX.formatHex(MrtdCalculator.mrtd(image, MeasurementOrder.KVM));
    } catch (TdvfException e) {
      return "none (" + e.getMessage() + ")";
    }
  }

  private static void compare(List<String> failures, String name, String quoted, String expected) {
    if (!quoted.equals(expected)) {
      failures.add(name + " is " + quoted + " in the quote, expected " + expected);
    }
  }
}
