package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.crypto.EcdsaProviders;
import org.swtdx.attestation.pcs.PcsOptions;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.policy.PolicyException;
import org.swtdx.attestation.policy.PolicyFile;
import org.swtdx.attestation.verify.QuoteVerifier;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Verifies quotes. */
@Command(
    name = "verify",
    description = {
      "Verify quotes: signatures up to the root, revocation, TCB, and a policy.",
      "FILE is a quote, raw or hexadecimal, or a folder of quotes; - is standard input, with raw"
          + " quotes one behind the other, or one in hexadecimal on each line."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:verified",
      "1:refused; the first line says why",
      "2:wrong usage, unreadable input, or no collateral to judge by"
    })
final class QuoteVerifyCommand implements Callable<Integer> {
  private static final long LARGEST_FILE = 1 << 20;

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "Quotes, folders of them, or -.")
  @SuppressWarnings("NullAway.Init")
  private List<Path> files;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      converter = MomentConverter.class,
      description = "Judge as of this time, such as 2025-07-01T12:00:00Z. Default: now.")
  private @Nullable Instant at;

  @Option(
      names = "--root",
      paramLabel = "FILE",
      description = "Trust this root certificate (PEM or DER) instead of Intel's.")
  private @Nullable Path root;

  @Option(
      names = "--collateral",
      paramLabel = "PATH",
      description = "Collateral: a bundle, PCS answers, lists, certificates, or a folder of them.")
  private @Nullable List<Path> collateral;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PcsSource pcs;

  @Option(
      names = "--policy",
      paramLabel = "FILE",
      description = "What to demand (JSON); without it, UpToDate and no debugging.")
  private @Nullable Path policy;

  @Option(
      names = "--signatures-only",
      description = "Judge without collateral; whether the TCB is up to date stays unknown.")
  private boolean signaturesOnly;

  @Option(names = "--json", description = "Print JSON: a document, or one a line of many quotes.")
  private boolean json;

  @Override
  public Integer call() throws InputException, InterruptedException {
    boolean many = files.size() > 1 || isMany(files.getFirst());
    Policy demands = policy();
    if (collateral == null && !pcs.isNamed() && !demands.signaturesOnly()) {
      throw new InputException(
          "there is no collateral to judge by; name it with --collateral PATH or a service with"
              + " --pccs URL, or leave the TCB unjudged with --signatures-only");
    }
    QuoteVerifier.Builder builder =
        QuoteVerifier.builder()
            .policy(demands)
            .signatures(many ? EcdsaProviders.fastest() : EcdsaProviders.javaOnly());
    if (root != null) {
      builder.trustedRoot(certificate(root));
    }
    if (collateral != null) {
      builder.collateral(CollateralPath.read(collateral));
    } else if (pcs.isNamed()) {
      builder.collateral(pcs.source(PcsOptions.INTEL, spec.commandLine().getErr()));
    }
    PrintWriter out = spec.commandLine().getOut();
    QuoteRun run =
        new QuoteRun(
            builder.build(),
            at == null ? Instant.now().truncatedTo(ChronoUnit.SECONDS) : at,
            out,
            spec.commandLine().getErr(),
            json,
            many);
    int status = run.verify(files, System.in);
    out.flush();
    return status;
  }

  private static boolean isMany(Path path) {
    return path.toString().equals("-") || Files.isDirectory(path);
  }

  private Policy policy() throws InputException {
    Policy demands = Policy.strict();
    if (policy != null) {
      try {
        demands = PolicyFile.parse(InputFile.read(policy, "policy", LARGEST_FILE));
      } catch (PolicyException e) {
        throw (InputException) new InputException(policy + ": " + e.getMessage()).initCause(e);
      }
    }
    return signaturesOnly ? demands.withSignaturesOnly() : demands;
  }

  private static Certificate certificate(Path file) throws InputException {
    byte[] bytes = InputFile.read(file, "root certificate", LARGEST_FILE);
    try {
      if (bytes.length > 0 && bytes[0] == '-') {
        List<Certificate> certificates = PemCertificates.parse(bytes, 1);
        return certificates.getFirst();
      }
      return Certificate.parse(bytes);
    } catch (CertificateFormatException e) {
      throw (InputException)
          new InputException(file + " is no root certificate: " + e.getMessage()).initCause(e);
    }
  }

  /** Takes a time or a date. */
  static final class MomentConverter implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String text) {
      try {
        return text.contains("T")
            ? Instant.parse(text)
            : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
      } catch (DateTimeException e) {
        throw new CommandLine.TypeConversionException(
            "'" + text + "' is no time; write 2025-07-01 or 2025-07-01T12:00:00Z");
      }
    }
  }
}
