package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.QuoteFormatException;
import org.swtdx.attestation.verify.IntelRoot;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.PemCertificates;
import org.swtdx.attestation.x509.SgxExtensions;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Prints what a quote says. */
@Command(
    name = "show",
    description = {
      "Print what a quote says, field by field.",
      "Nothing is verified; 'quote verify' does that."
    },
    mixinStandardHelpOptions = true)
final class QuoteShowCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "The quote, raw or hexadecimal; - is standard input.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws InputException, InterruptedException {
    List<QuoteInput.Named> quotes = new ArrayList<>();
    QuoteInput.read(List.of(file), System.in, quotes::add);
    PrintWriter out = spec.commandLine().getOut();
    for (QuoteInput.Named named : quotes) {
      Quote quote = parse(named);
      Map<String, String> chain = chain(quote);
      if (json) {
        ObjectNode root = JsonDocument.start("swtdx.quote", 1);
        root.put("verified", false);
        ObjectNode fields = root.putObject("fields");
        QuoteFields.of(quote).forEach(fields::put);
        ObjectNode platform = root.putObject("pckCertificate");
        chain.forEach(platform::put);
        out.print(JsonDocument.text(root));
      } else {
        QuoteFields.of(quote).forEach((name, value) -> out.printf("%-14s %s%n", name, value));
        chain.forEach((name, value) -> out.printf("%-14s %s%n", name, value));
        out.println("(not verified)");
      }
    }
    out.flush();
    return ExitStatus.OK;
  }

  private static Quote parse(QuoteInput.Named named) throws InputException {
    try {
      return Quote.parse(named.bytes());
    } catch (QuoteFormatException e) {
      throw (InputException)
          new InputException(named.name() + " is no quote: " + e.getMessage()).initCause(e);
    }
  }

  /** What the certificates in the quote say; nobody has checked them. */
  private static Map<String, String> chain(Quote quote) {
    Map<String, String> fields = new LinkedHashMap<>();
    try {
      List<Certificate> chain = PemCertificates.parse(quote.signature().pckChain(), 16);
      if (chain.isEmpty()) {
        fields.put("PCK CHAIN", "empty");
        return fields;
      }
      Certificate pck = chain.getFirst();
      fields.put("PCK", pck.toString());
      fields.put("PCK SERIAL", pck.serialNumber().toString(16));
      fields.put("PCK VALID", pck.notBefore() + " to " + pck.notAfter());
      SgxExtensions platform = SgxExtensions.of(pck);
      fields.put("FMSPC", platform.fmspc().hex());
      fields.put("PCEID", platform.pceId());
      fields.put("PCESVN", platform.pceSvn() + "");
      fields.put("SGX TCB", platform.componentSvns() + "");
      Certificate root = chain.getLast();
      fields.put(
          "ROOT", root + (root.equals(IntelRoot.certificate()) ? "" : " (NOT Intel's root)"));
    } catch (CertificateFormatException e) {
      fields.put("PCK CHAIN", "unreadable: " + e.getMessage());
    }
    return fields;
  }
}
