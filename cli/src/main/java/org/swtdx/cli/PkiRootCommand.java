package org.swtdx.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.TestPki;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Gives out the root certificate. */
@Command(
    name = "root",
    description = "Print the root certificate that a relying party has to trust.",
    mixinStandardHelpOptions = true)
final class PkiRootCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(names = "--der", description = "DER instead of PEM; needs --out.")
  private boolean der;

  @Option(names = "--out", paramLabel = "FILE", description = "A file; default: standard output.")
  private @Nullable Path out;

  @Override
  public Integer call() throws InputException {
    try {
      TestPki pki = option.store().open(Instant.now());
      String pem = pki.pem(PkiRole.ROOT_CA);
      if (out != null) {
        OutputFile.write(
            out, der ? pki.root().getEncoded() : pem.getBytes(StandardCharsets.US_ASCII));
      } else if (der) {
        throw new CommandLine.ParameterException(
            spec.commandLine(),
            "--der is binary: name a file with --out, or - for standard output");
      } else {
        spec.commandLine().getOut().print(pem);
        spec.commandLine().getOut().flush();
      }
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate of our own cannot be encoded", e);
    }
  }
}
