package org.swtdx.cli;

import java.util.Map;
import org.swtdx.events.PlatformEvents.Kind;
import org.swtdx.vmm.TdParameters;
import org.swtdx.vmm.VcpuRegisters;
import org.swtdx.vmm.VmType;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The summary of a run as one JSON document. */
final class SummaryJson {
  private static final int VERSION = 1;

  private SummaryJson() {}

  /** The document for {@code report}. */
  static String text(RunReport report) {
    ObjectNode root = JsonDocument.start("swtdx.run", VERSION);
    ObjectNode config = root.putObject("config");
    config.put("type", report.config().type().label());
    config.put("firmware", report.config().firmware().name());
    report.config().kernel().ifPresent(boot -> config.put("kernel", boot.kernel().name()));
    config.put("memoryBytes", report.config().memoryBytes());
    config.put("cpus", report.config().cpus());

    ObjectNode outcome = root.putObject("outcome");
    outcome.put("kind", report.result().outcome().getClass().getSimpleName());
    outcome.put("description", report.result().outcome().describe());
    outcome.put("exitStatus", report.exitStatus());

    if (report.config().type() == VmType.TDX) {
      trustDomain(root.putObject("td"), report);
    }
    root.put("instructions", report.instructions());
    root.put("mips", report.mips());
    ObjectNode pages = root.putObject("pages");
    pages.put("private", report.result().privatePages());
    pages.put("shared", report.result().sharedPages());
    pages.put("added", report.result().pagesAdded());
    pages.put("measured", report.result().pagesMeasured());

    counters(root.putObject("exits"), report, Kind.EXIT);
    counters(root.putObject("seamcalls"), report, Kind.SEAMCALL);
    counters(root.putObject("tdcalls"), report, Kind.TDCALL);
    counters(root.putObject("tdvmcalls"), report, Kind.TDVMCALL);
    counters(root.putObject("kvmExits"), report, Kind.KVM_EXIT);
    counters(root.putObject("counts"), report, Kind.COUNT);

    root.put("firstInstructionSeconds", report.firstInstructionSeconds());
    ObjectNode phases = root.putObject("phaseSeconds");
    report.result().phaseNanos().forEach((phase, nanos) -> phases.put(phase.label(), nanos / 1e9));
    ObjectNode outstanding = root.putObject("outstanding");
    outstanding.put("pages", report.outstandingPages());
    outstanding.put("keyIds", report.outstandingKeyIds());
    return JsonDocument.text(root);
  }

  private static void trustDomain(ObjectNode node, RunReport report) {
    TdParameters td = report.config().td();
    report.measurements().forEach(node::put);
    ArrayNode extensions = node.putArray("rtmrExtensions");
    report
        .events()
        .extensions()
        .forEach(e -> extensions.addObject().put("rtmr", e.register()).put("digest", e.digest()));
    node.put("ATTRIBUTES", String.format("0x%016x", td.attributes()));
    node.put("XFAM", String.format("0x%016x", report.result().xfam()));
    node.put("MRCONFIGID", td.mrConfigId().hex());
    node.put("MROWNER", td.mrOwner().hex());
    node.put("MROWNERCONFIG", td.mrOwnerConfig().hex());
    vcpus(node, report);
    report
        .quote()
        .ifPresent(
            check -> {
              ObjectNode quote = node.putObject("quote");
              quote.put("pki", "TEST");
              quote.put("bytes", check.bytes());
              quote.put("verified", check.ok());
              ArrayNode failures = quote.putArray("failures");
              check.failures().forEach(failures::add);
            });
  }

  /** Registers of a TD that can be debugged, as hexadecimal numbers. */
  private static void vcpus(ObjectNode node, RunReport report) {
    if (report.result().vcpus().isEmpty()) {
      return;
    }
    ArrayNode vcpus = node.putArray("vcpus");
    for (VcpuRegisters vcpu : report.result().vcpus()) {
      ObjectNode one = vcpus.addObject();
      one.put("index", vcpu.index());
      one.put("rip", Long.toHexString(vcpu.rip())).put("rsp", Long.toHexString(vcpu.rsp()));
      one.put("rflags", Long.toHexString(vcpu.rflags()));
      one.put("cr0", Long.toHexString(vcpu.cr0())).put("cr3", Long.toHexString(vcpu.cr3()));
      one.put("cr4", Long.toHexString(vcpu.cr4())).put("efer", Long.toHexString(vcpu.efer()));
      one.put("cs", Integer.toHexString(vcpu.cs())).put("code", vcpu.code());
    }
  }

  private static void counters(ObjectNode node, RunReport report, Kind kind) {
    for (Map.Entry<String, Long> entry : report.events().snapshot(kind).entrySet()) {
      node.put(entry.getKey(), entry.getValue());
    }
  }
}
