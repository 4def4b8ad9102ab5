package org.swtdx.cli;

import java.io.PrintWriter;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.PkiRole;
import org.swtdx.attestation.quoting.PkiState;
import org.swtdx.attestation.quoting.PkiStore;
import org.swtdx.attestation.quoting.PlatformTcb;
import org.swtdx.attestation.quoting.TcbLowering;
import org.swtdx.attestation.quoting.TcbPart;
import org.swtdx.attestation.quoting.TestPki;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows the TEST PKI. */
@Command(
    name = "show",
    description = "Show the TEST PKI and what its collateral says; creates it at first use.",
    mixinStandardHelpOptions = true)
final class PkiShowCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws InputException {
    PkiStore store = option.store();
    try {
      TestPki pki = store.open(Instant.now());
      PkiState state = store.state();
      PrintWriter out = spec.commandLine().getOut();
      if (json) {
        out.print(JsonDocument.text(document(store, pki, state)));
      } else {
        text(out, store, pki);
        PkiText.print(out, state);
      }
      out.flush();
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    }
  }

  private static void text(PrintWriter out, PkiStore store, TestPki pki) {
    out.println("TEST PKI: its quotes prove nothing about any machine");
    out.println("directory      " + store.directory());
    for (PkiRole role : PkiRole.values()) {
      X509Certificate certificate = pki.certificate(role);
      out.println(
          "%-14s %s, until %s"
              .formatted(
                  role.label(),
                  certificate.getSubjectX500Principal(),
                  certificate.getNotAfter().toInstant()));
    }
    out.println("root SHA-256   " + fingerprint(pki.root()));
    out.println("FMSPC          " + PlatformTcb.FMSPC);
  }

  private static ObjectNode document(PkiStore store, TestPki pki, PkiState state) {
    ObjectNode root = JsonDocument.start("swtdx.pki", 1);
    root.put("testPki", true).put("directory", store.directory().toString());
    root.put("fmspc", PlatformTcb.FMSPC).put("rootSha256", fingerprint(pki.root()));
    ObjectNode certificates = root.putObject("certificates");
    for (PkiRole role : PkiRole.values()) {
      X509Certificate certificate = pki.certificate(role);
      certificates
          .putObject(role.label())
          .put("subject", certificate.getSubjectX500Principal().toString())
          .put("serial", certificate.getSerialNumber().toString(16))
          .put("notAfter", certificate.getNotAfter().toInstant().toString());
    }
    root.put("serial", state.serial());
    ArrayNode revoked = root.putArray("revoked");
    state.revoked().stream().sorted().map(PkiRole::label).forEach(revoked::add);
    ObjectNode lowered = root.putObject("lowered");
    for (TcbPart part : TcbPart.values()) {
      TcbLowering lowering = state.lowered().get(part);
      if (lowering != null) {
        ObjectNode entry = lowered.putObject(part.label());
        entry.put("tcbStatus", lowering.status().label());
        ArrayNode ids = entry.putArray("advisoryIDs");
        lowering.advisoryIds().forEach(ids::add);
      }
    }
    state.issued().ifPresent(time -> root.put("issued", time.toString()));
    root.put("validity", state.validity().toString());
    return root;
  }

  private static String fingerprint(X509Certificate certificate) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of our own cannot be hashed", e);
    }
  }
}
