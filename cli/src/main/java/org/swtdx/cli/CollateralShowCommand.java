package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.collateral.TcbComponent;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.attestation.collateral.TcbLevel;
import org.swtdx.attestation.collateral.TdxModuleIdentity;
import org.swtdx.attestation.offline.Parts;
import org.swtdx.attestation.x509.Certificate;
import org.swtdx.attestation.x509.CertificateFormatException;
import org.swtdx.attestation.x509.RevocationList;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists what collateral says. */
@Command(
    name = "show",
    description = {
      "Print what files of collateral say: TCB levels, identities, revoked certificates.",
      "Nothing is verified; 'quote verify' does that."
    },
    mixinStandardHelpOptions = true)
final class CollateralShowCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Parameters(
      paramLabel = "PATH",
      arity = "1..*",
      description = "Bundles, PCS answers, revocation lists, certificates, or folders of them.")
  @SuppressWarnings("NullAway.Init")
  private List<Path> paths;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws InputException {
    Parts parts = CollateralPath.read(paths).parts();
    PrintWriter out = spec.commandLine().getOut();
    try {
      if (json) {
        out.print(JsonDocument.text(document(parts)));
      } else {
        print(out, parts);
      }
    } catch (CertificateFormatException e) {
      throw (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
    }
    out.flush();
    return ExitStatus.OK;
  }

  private static void print(PrintWriter out, Parts parts) throws CertificateFormatException {
    for (Parts.Bundle bundle : parts.bundles()) {
      print(out, bundle.info());
      print(out, bundle.identity());
      print(out, RevocationList.parse(bundle.collateral().rootCaCrl()));
      print(out, RevocationList.parse(bundle.collateral().pckCrl()));
    }
    parts.tcbInfos().forEach(tcb -> print(out, tcb.info()));
    parts.qeIdentities().forEach(qe -> print(out, qe.identity()));
    parts.lists().forEach(list -> print(out, list));
    parts.certificates().forEach(certificate -> print(out, certificate));
  }

  private static void print(PrintWriter out, TcbInfo info) {
    out.printf(
        "TCB info %s, FMSPC %s, PCE-ID %s, evaluation data number %d%n  from %s to %s%n",
        info.tee(),
        info.fmspc(),
        info.pceId(),
        info.tcbEvaluationDataNumber(),
        info.issueDate(),
        info.nextUpdate());
    for (TdxModuleIdentity module : info.tdxModuleIdentities()) {
      out.printf("  module %s%n", module.id());
      module.levels().forEach(level -> print(out, level));
    }
    for (TcbLevel level : info.tcbLevels()) {
      out.printf(
          "  %-36s %s  SGX %s, PCESVN %d%s%s%n",
          level.status(),
          level.tcbDate(),
          svns(level.sgxComponents()),
          level.pceSvn(),
          level.tdxComponents().isEmpty() ? "" : ", TDX " + svns(level.tdxComponents()),
          advisories(level.advisories()));
    }
  }

  private static String svns(List<TcbComponent> components) {
    return components.stream().map(c -> "%02x".formatted(c.svn())).collect(Collectors.joining());
  }

  private static String advisories(List<String> advisories) {
    return advisories.isEmpty() ? "" : "; " + String.join(", ", advisories);
  }

  private static void print(PrintWriter out, SvnLevel level) {
    out.printf(
        "  %-36s %s  ISVSVN %d%s%n",
        level.status(), level.tcbDate(), level.isvSvn(), advisories(level.advisories()));
  }

  private static void print(PrintWriter out, QeIdentity identity) {
    out.printf(
        "QE identity %s, ISVPRODID %d, evaluation data number %d%n  from %s to %s%n  MRSIGNER %s%n",
        identity.id(),
        identity.isvProdId(),
        identity.tcbEvaluationDataNumber(),
        identity.issueDate(),
        identity.nextUpdate(),
        identity.mrSigner());
    identity.tcbLevels().forEach(level -> print(out, level));
  }

  private static void print(PrintWriter out, RevocationList list) {
    out.printf(
        "revocation list %s of %s%n  from %s to %s, %d revoked%n",
        list.number(),
        list.issuer().shortName(),
        list.thisUpdate(),
        list.nextUpdate(),
        list.revoked().size());
  }

  private static void print(PrintWriter out, Certificate certificate) {
    out.printf(
        "certificate %s%n  from %s to %s%n",
        certificate, certificate.notBefore(), certificate.notAfter());
  }

  private static ObjectNode document(Parts parts) throws CertificateFormatException {
    ObjectNode root = JsonDocument.start("swtdx.collateral", 1);
    ArrayNode infos = root.putArray("tcbInfos");
    ArrayNode identities = root.putArray("qeIdentities");
    ArrayNode lists = root.putArray("revocationLists");
    ArrayNode certificates = root.putArray("certificates");
    for (Parts.Bundle bundle : parts.bundles()) {
      CollateralJson.put(infos.addObject(), bundle.info());
      CollateralJson.put(identities.addObject(), bundle.identity());
      CollateralJson.put(lists.addObject(), RevocationList.parse(bundle.collateral().rootCaCrl()));
      CollateralJson.put(lists.addObject(), RevocationList.parse(bundle.collateral().pckCrl()));
    }
    parts.tcbInfos().forEach(tcb -> CollateralJson.put(infos.addObject(), tcb.info()));
    parts.qeIdentities().forEach(qe -> CollateralJson.put(identities.addObject(), qe.identity()));
    parts.lists().forEach(list -> CollateralJson.put(lists.addObject(), list));
    parts
        .certificates()
        .forEach(certificate -> CollateralJson.put(certificates.addObject(), certificate));
    return root;
  }
}
