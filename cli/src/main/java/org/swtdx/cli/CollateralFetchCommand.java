package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralRequest.PckCa;
import org.swtdx.attestation.collateral.Fmspc;
import org.swtdx.attestation.collateral.Tee;
import org.swtdx.attestation.pcs.PcsOptions;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.SgxExtensions;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Fetches collateral. */
@Command(
    name = "fetch",
    description = {
      "Fetch the collateral of a platform from a provisioning certification service: Intel's, or"
          + " the one that --pccs names.",
      "Answers are kept in a cache and used until they expire; nothing is verified here, swtdx"
          + " quote verify does."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class CollateralFetchCommand implements Callable<Integer> {
  private static final long LARGEST_QUOTE = 1 << 20;
  private static final int LONGEST_CHAIN = 8;

  /** What the collateral is about. */
  static final class Platform {
    @Option(
        names = "--fmspc",
        required = true,
        paramLabel = "HEX",
        description = "The kind of platform, 12 hex digits.")
    @Nullable String fmspc;

    @Option(
        names = "--quote",
        required = true,
        paramLabel = "FILE",
        description = "A quote of the platform; tells FMSPC, TEE and CA.")
    @Nullable Path quote;
  }

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init")
  private Platform platform;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE|DIR",
      description =
          "A QuoteCollateralV3 JSON bundle, or an existing folder for one file of each part; -"
              + " is standard output.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @Option(
      names = "--tee",
      defaultValue = "tdx",
      paramLabel = "tdx|sgx",
      description = "With --fmspc: what the quotes are about; default: tdx.")
  @SuppressWarnings("NullAway.Init")
  private Tee tee;

  @Option(
      names = "--ca",
      defaultValue = "platform",
      paramLabel = "platform|processor",
      description = "With --fmspc: who issued the PCK certificate; default: platform.")
  @SuppressWarnings("NullAway.Init")
  private PckCa ca;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PcsSource pcs;

  @Override
  public Integer call() throws InputException {
    PrintWriter talk = spec.commandLine().getErr();
    CollateralRequest request = request();
    try {
      Collateral collateral = pcs.source(PcsOptions.INTEL, talk).collateral(request);
      if (Files.isDirectory(out)) {
        writeParts(collateral);
      } else {
        OutputFile.write(out, CollateralBundle.toJson(collateral));
      }
      talk.println(
          "collateral of %s, FMSPC %s, %s CA"
              .formatted(request.tee(), request.fmspc(), request.pckCa().label()));
      talk.flush();
      return ExitStatus.OK;
    } catch (CollateralException e) {
      throw (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  private CollateralRequest request() throws InputException {
    if (platform.quote != null) {
      return requestFor(platform.quote);
    }
    String digits = platform.fmspc == null ? "" : platform.fmspc.toLowerCase(Locale.ROOT);
    try {
      return new CollateralRequest(tee, new Fmspc(digits), ca, Instant.now());
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--fmspc: '" + digits + "' has not 12 hex digits", e);
    }
  }

  private static CollateralRequest requestFor(Path file) throws InputException {
    try {
      Quote quote = Quote.parse(InputFile.read(file, "quote", LARGEST_QUOTE));
      Certificate pck =
          PemCertificates.parse(quote.signature().pckChain(), LONGEST_CHAIN).getFirst();
      return new CollateralRequest(
          quote.td().isPresent() ? Tee.TDX : Tee.SGX,
          SgxExtensions.of(pck).fmspc(),
          pck.issuer().commonName().contains("Processor") ? PckCa.PROCESSOR : PckCa.PLATFORM,
          Instant.now());
    } catch (QuoteFormatException | CertificateFormatException e) {
      throw (InputException)
          new InputException(file + " is no quote with a PCK certificate: " + e.getMessage())
              .initCause(e);
    }
  }

  /** A file for each answer, as the service gave it; read again from the folder by content. */
  private void writeParts(Collateral collateral) throws InputException {
    write("tcb_info.json", collateral.tcbInfo().toResponse("tcbInfo"));
    write("tcb_info_issuer_chain.pem", ascii(collateral.tcbInfoIssuerChain()));
    write("qe_identity.json", collateral.qeIdentity().toResponse("enclaveIdentity"));
    write("qe_identity_issuer_chain.pem", ascii(collateral.qeIdentityIssuerChain()));
    write("pck_crl.der", collateral.pckCrl());
    if (collateral.pckCrlIssuerChain().isPresent()) {
      write("pck_crl_issuer_chain.pem", ascii(collateral.pckCrlIssuerChain().get()));
    }
    write("root_ca_crl.der", collateral.rootCaCrl());
  }

  private void write(String name, byte[] content) throws InputException {
    OutputFile.write(out.resolve(name), content);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
