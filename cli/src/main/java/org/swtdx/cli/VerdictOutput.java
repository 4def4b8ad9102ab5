package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.verify.Appraisal;
import org.swtdx.attestation.verify.Refusal;
import org.swtdx.attestation.verify.TcbAppraisal;
import org.swtdx.attestation.verify.Verdict;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import org.swtdx.attestation.verify.Verdict.Undecided;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Verdicts as text and JSON. */
final class VerdictOutput {
  private static final String WARNING =
      "the root is not Intel's: this proves nothing about Intel's platforms";

  private VerdictOutput() {}

  static int exitStatus(Verdict verdict) {
    return switch (verdict) {
      case Accepted _ -> ExitStatus.OK;
      case Refused _ -> ExitStatus.FAILED;
      case Undecided _ -> ExitStatus.USAGE;
    };
  }

  /** The verdict on one line. */
  static String line(String name, Verdict verdict) {
    return switch (verdict) {
      case Accepted accepted ->
          name
              + ": verified, "
              + accepted
                  .appraisal()
                  .tcb()
                  .map(tcb -> "TCB " + tcb.status())
                  .orElse("signatures only, TCB not judged")
              + (accepted.appraisal().isIntel() ? "" : "; " + WARNING);
      case Refused refused -> name + ": refused, " + refused.first();
      case Undecided undecided -> name + ": not judged, " + undecided.missing();
    };
  }

  /** The verdict with everything that was found. */
  static void text(PrintWriter out, String name, Verdict verdict) {
    out.println(line(name, verdict));
    switch (verdict) {
      case Accepted accepted -> {
        appraisal(out, accepted.appraisal());
        fields(out, Optional.of(accepted.quote()));
      }
      case Refused refused -> {
        refused.refusals().stream().skip(1).forEach(refusal -> out.println("also " + refusal));
        refused.appraisal().ifPresent(appraisal -> appraisal(out, appraisal));
        fields(out, refused.quote());
      }
      case Undecided undecided -> fields(out, Optional.of(undecided.quote()));
    }
  }

  private static void field(PrintWriter out, String name, Object value) {
    out.printf("  %-14s %s%n", name, value);
  }

  private static void appraisal(PrintWriter out, Appraisal appraisal) {
    field(out, "AT", appraisal.moment());
    field(out, "ROOT", appraisal.rootCertificate());
    field(out, "PCK", appraisal.pckCertificate());
    field(out, "FMSPC", appraisal.platform().fmspc());
    appraisal.tcb().ifPresent(tcb -> tcb(out, tcb));
  }

  private static void tcb(PrintWriter out, TcbAppraisal tcb) {
    field(out, "TCB STATUS", tcb.status());
    field(out, "PLATFORM", tcb.platformStatus());
    tcb.tdxModuleStatus().ifPresent(status -> field(out, "TDX MODULE", status));
    field(out, "QE", tcb.qeStatus());
    field(
        out,
        "ADVISORIES",
        tcb.advisories().isEmpty() ? "none" : String.join(", ", tcb.advisories()));
    field(out, "TCB DATE", tcb.tcbDate());
    field(out, "EVALUATION", tcb.tcbEvaluationDataNumber());
    field(out, "EXPIRES", tcb.earliestExpiration());
  }

  private static void fields(PrintWriter out, Optional<Quote> quote) {
    quote.ifPresent(value -> QuoteFields.of(value).forEach((name, text) -> field(out, name, text)));
  }

  /** The verdict as a document. */
  static ObjectNode json(String name, Verdict verdict) {
    ObjectNode root = JsonDocument.start("swtdx.quoteVerdict", 1);
    root.put("name", name);
    switch (verdict) {
      case Accepted accepted -> {
        root.put("verdict", "verified");
        put(root, Optional.of(accepted.appraisal()), Optional.of(accepted.quote()));
      }
      case Refused refused -> {
        root.put("verdict", "refused");
        ArrayNode refusals = root.putArray("refusals");
        for (Refusal refusal : refused.refusals()) {
          ObjectNode item = refusals.addObject();
          item.put("reason", refusal.reason().name());
          item.put("field", refusal.field());
          item.put("found", refusal.found());
          item.put("required", refusal.required());
        }
        put(root, refused.appraisal(), refused.quote());
      }
      case Undecided undecided -> {
        root.put("verdict", "undecided");
        root.put("missing", undecided.missing());
        put(root, Optional.empty(), Optional.of(undecided.quote()));
      }
    }
    return root;
  }

  private static void put(ObjectNode root, Optional<Appraisal> appraisal, Optional<Quote> quote) {
    appraisal.ifPresent(
        found -> {
          root.put("at", found.moment().toString());
          root.put("intelRoot", found.isIntel());
          root.put("root", found.rootCertificate().toString());
          root.put("fmspc", found.platform().fmspc().hex());
          root.put("pckSerialNumber", found.pckCertificate().serialNumber().toString(16));
          found.tcb().ifPresent(tcb -> put(root.putObject("tcb"), tcb));
        });
    quote.ifPresent(value -> QuoteFields.of(value).forEach(root.putObject("fields")::put));
  }

  private static void put(ObjectNode node, TcbAppraisal tcb) {
    node.put("status", tcb.status().label());
    node.put("platformStatus", tcb.platformStatus().label());
    tcb.tdxModuleStatus().ifPresent(status -> node.put("tdxModuleStatus", status.label()));
    node.put("qeStatus", tcb.qeStatus().label());
    tcb.advisories().forEach(node.putArray("advisories")::add);
    node.put("tcbDate", tcb.tcbDate().toString());
    node.put("tcbEvaluationDataNumber", tcb.tcbEvaluationDataNumber());
    node.put("earliestExpiration", tcb.earliestExpiration().toString());
  }
}
