package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.swtdx.events.PlatformEvents.Kind;
import org.swtdx.vmm.TdAttributes;
import org.swtdx.vmm.VmType;

/** The summary of a run as text. */
final class SummaryText {
  private static final int LABEL = 14;

  private final PrintWriter out;
  private final boolean verbose;

  SummaryText(PrintWriter out, boolean verbose) {
    this.out = out;
    this.verbose = verbose;
  }

  /** Prints the summary. */
  void print(RunReport report) {
    out.println();
    line("outcome", report.result().outcome().describe());
    if (report.config().type() == VmType.TDX) {
      trustDomain(report);
    }
    report.result().vcpus().forEach(vcpu -> line("vCPU " + vcpu.index(), vcpu.describe()));
    line("instructions", String.format("%,d (%.1f MIPS)", report.instructions(), report.mips()));
    line(
        "pages",
        String.format(
            "%,d private, %,d shared; %,d added at build, %,d of them measured",
            report.result().privatePages(),
            report.result().sharedPages(),
            report.result().pagesAdded(),
            report.result().pagesMeasured()));
    table("exits", report.events().snapshot(Kind.EXIT));
    table("SEAMCALLs", report.events().snapshot(Kind.SEAMCALL));
    table("TDCALLs", report.events().snapshot(Kind.TDCALL));
    table("TDVMCALLs", report.events().snapshot(Kind.TDVMCALL));
    if (verbose) {
      table("KVM exits", report.events().snapshot(Kind.KVM_EXIT));
      table("counts", report.events().snapshot(Kind.COUNT));
    }
    StringBuilder phases = new StringBuilder();
    report
        .result()
        .phaseNanos()
        .forEach(
            (phase, nanos) ->
                phases
                    .append(phases.isEmpty() ? "" : ", ")
                    .append(String.format("%s %.3f s", phase.label(), nanos / 1e9)));
    line("time", phases.toString());
    line(
        "given back",
        report.leaked()
            ? report.outstandingPages()
                + " pages and "
                + report.outstandingKeyIds()
                + " KeyIDs were LOST; please report this"
            : "every page and KeyID (0 leaked)");
    out.flush();
  }

  private void trustDomain(RunReport report) {
    report.measurements().forEach(this::line);
    long attributes = report.config().td().attributes();
    line(
        "ATTRIBUTES",
        String.format(
            "0x%016x %s", attributes, String.join(", ", TdAttributes.describe(attributes))));
    line("XFAM", String.format("0x%016x", report.result().xfam()));
    report.quote().ifPresent(this::quote);
  }

  private void quote(QuoteCheck check) {
    if (check.ok()) {
      line(
          "quote",
          "verified, "
              + check.bytes()
              + " bytes: signatures chain to this machine's TEST PKI, the report is this TD's");
      return;
    }
    List<String> failures = check.failures();
    line("quote", "NOT verified: " + String.join("; ", failures));
  }

  private void table(String label, Map<String, Long> counts) {
    boolean[] first = {true};
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            entry -> {
              line(
                  first[0] ? label : "",
                  String.format("%,12d  %s", entry.getValue(), entry.getKey()));
              first[0] = false;
            });
  }

  private void line(String label, String value) {
    out.println(String.format("%-" + LABEL + "s %s", label, value));
  }
}
