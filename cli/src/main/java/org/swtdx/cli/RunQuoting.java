package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiException;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Who quotes the reports of a run, and what is kept of the quote. */
final class RunQuoting {
  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption pki;

  @Option(
      names = "--qgs",
      paramLabel = "SOCKET",
      description =
          "Unix socket of a quote generation service, for example swtdx qgs; default: one in this"
              + " process.")
  private @Nullable Path socket;

  @Option(
      names = "--quote",
      paramLabel = "FILE",
      description = "Write the last quote that the guest got.")
  private @Nullable Path quote;

  @Option(
      names = "--collateral",
      paramLabel = "FILE",
      description = "Write collateral for it, as a QuoteCollateralV3 JSON bundle.")
  private @Nullable Path collateral;

  /** The PKI of this installation. */
  InstalledPki open(PrintWriter talk) throws InputException {
    return InstalledPki.open(pki, talk);
  }

  /** The socket of an external service. */
  Optional<Path> socket() {
    return Optional.ofNullable(socket);
  }

  /** Writes what the user wants to keep. */
  void keep(Optional<byte[]> last, InstalledPki installed, PrintWriter talk) throws InputException {
    if (quote != null) {
      if (last.isPresent()) {
        OutputFile.write(quote, last.get());
      } else {
        talk.println("swtdx: " + quote + " is not written: the guest got no quote");
      }
    }
    if (collateral != null) {
      try {
        CollateralIssuer issuer = new CollateralIssuer(installed.pki(), installed.state());
        OutputFile.write(collateral, CollateralBundle.toJson(issuer.issue(Instant.now())));
      } catch (PkiException e) {
        throw InstalledPki.failure(e);
      }
    }
  }
}
