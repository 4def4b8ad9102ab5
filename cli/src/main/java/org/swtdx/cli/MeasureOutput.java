package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogJson;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.mrtd.MrtdReport;
import org.swtdx.attestation.mrtd.MrtdReport.SectionMeasurement;
import org.swtdx.attestation.mrtd.MrtdVariant;
import org.swtdx.attestation.predict.OvmfPrediction;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints a measurement, and a predicted boot if there is one. */
final class MeasureOutput {
  private final PrintWriter out;
  private final TdvfImage image;
  private final MrtdReport report;
  private final Optional<EventLog> prediction;

  MeasureOutput(
      PrintWriter out, TdvfImage image, MrtdReport report, Optional<EventLog> prediction) {
    this.out = out;
    this.image = image;
    this.report = report;
    this.prediction = prediction;
  }

  /** The digits alone; with a prediction, those of RTMR0 to RTMR3 on further lines. */
  void raw() {
    out.println(report.mrtd());
    registers().forEach((_, value) -> out.println(value));
  }

  private Map<MeasurementRegister, String> registers() {
    Map<MeasurementRegister, String> values = new TreeMap<>();
    prediction.ifPresent(log -> values.putAll(OvmfPrediction.registers(log)));
    return values;
  }

  /** For people. */
  void text(boolean explain, String expected, Optional<MrtdVariant> variant) {
    if (explain) {
      report.sections().forEach(this::explain);
      out.printf(
          "%,d bytes went through SHA-384: 128 for each TDH.MEM.PAGE.ADD, 384 for each"
              + " TDH.MR.EXTEND%n",
          report.bytesHashed());
    } else {
      table();
    }
    image.remarks().forEach(remark -> out.println("note: " + remark));
    if (explain && prediction.isPresent()) {
      prediction.get().events().forEach(e -> out.println(EventLogShowCommand.line(e)));
    }
    out.println("order " + report.order().label());
    out.println("MRTD  " + report.mrtd());
    registers().forEach((register, value) -> out.println(register + " " + value));
    if (prediction.isPresent() && !OvmfPrediction.measures(image)) {
      out.println("note: this firmware has no measured boot; it leaves the RTMRs zero");
    }
    if (explain) {
      MrtdVariant.all(image)
          .forEach(
              (way, mrtd) -> {
                if (!mrtd.equals(report.mrtd())) {
                  out.println("otherwise " + mrtd + "  " + way.description());
                }
              });
    }
    if (!expected.isEmpty()) {
      out.println("expect " + verdict(expected, variant));
    }
  }

  private String verdict(String expected, Optional<MrtdVariant> variant) {
    if (expected.equals(report.mrtd())) {
      return "agrees";
    }
    return variant
        .map(v -> "differs: the expected value comes out with " + v.description())
        .orElse(
            "differs, in every known way of building: it is of another image, or one with other"
                + " sections");
  }

  private void table() {
    out.printf("%-12s %18s %10s %8s %8s%n", "SECTION", "GPA", "BYTES", "PAGES", "EXTENDS");
    for (SectionMeasurement s : report.sections()) {
      out.printf(
          "%-12s %18s %10d %8d %8d%n",
          s.section().type().label(),
          "0x" + Long.toHexString(s.section().gpa()),
          s.section().memorySize(),
          s.pagesAdded(),
          s.chunksExtended());
    }
  }

  private void explain(SectionMeasurement s) {
    TdvfSection section = s.section();
    out.printf(
        "section %d %s, guest memory 0x%x to 0x%x%n",
        section.index(), section.type().label(), section.gpa(), section.end());
    out.println("  " + contents(section));
    out.println("  " + build(s));
    String contents = MrtdCalculator.contentsSha384(image, section);
    if (!contents.isEmpty()) {
      out.println("  contents SHA-384 " + contents);
    }
    out.println("  MRTD so far      " + s.mrtdAfter());
  }

  private static String contents(TdvfSection section) {
    if (section.rawSize() > 0) {
      String padding =
          section.memorySize() > section.rawSize()
              ? ", then %d zero bytes".formatted(section.memorySize() - section.rawSize())
              : "";
      return "holds bytes 0x%x to 0x%x of the image%s"
          .formatted(section.dataOffset(), section.dataOffset() + section.rawSize(), padding);
    }
    return switch (section.type()) {
      case TD_HOB -> "holds the hand-off block list, which the VMM writes";
      case TEMP_MEM -> "holds zeros, for firmware to use early";
      default -> "holds zeros";
    };
  }

  private String build(SectionMeasurement s) {
    TdvfSection section = s.section();
    if (section.augmented()) {
      return section.pages() + " pages come with TDH.MEM.PAGE.AUG after the build: not measured";
    }
    if (!section.measured()) {
      String later =
          switch (section.type()) {
            case TD_HOB, CFV -> "; firmware that measures puts them into RTMR0";
            default -> "";
          };
      return s.pagesAdded()
          + " × TDH.MEM.PAGE.ADD: the addresses enter, the contents don't"
          + later;
    }
    return switch (report.order()) {
      case KVM ->
          "for each of %d pages TDH.MEM.PAGE.ADD, then 16 × TDH.MR.EXTEND: addresses and contents"
                  .formatted(s.pagesAdded())
              + " enter";
      case TWO_PASS ->
          "%d × TDH.MEM.PAGE.ADD, then %d × TDH.MR.EXTEND: addresses and contents enter"
              .formatted(s.pagesAdded(), s.chunksExtended());
    };
  }

  /** For programs. */
  void json(String firmware, String expected, Optional<MrtdVariant> variant) {
    ObjectNode root = JsonDocument.start("swtdx.measure", 1);
    root.put("firmware", firmware);
    root.put("order", report.order().label());
    root.put("mrtd", report.mrtd());
    root.put("bytesHashed", report.bytesHashed());
    ArrayNode sections = root.putArray("sections");
    for (SectionMeasurement s : report.sections()) {
      ObjectNode node = sections.addObject();
      section(node, s.section());
      node.put("pagesAdded", s.pagesAdded());
      node.put("chunksExtended", s.chunksExtended());
      node.put("contentsSha384", MrtdCalculator.contentsSha384(image, s.section()));
      node.put("mrtdAfter", s.mrtdAfter());
    }
    ArrayNode remarks = root.putArray("remarks");
    image.remarks().forEach(remarks::add);
    if (!expected.isEmpty()) {
      ObjectNode node = root.putObject("expected");
      node.put("mrtd", expected);
      node.put("agrees", expected.equals(report.mrtd()));
      variant.ifPresent(v -> node.put("variant", v.name()));
    }
    prediction.ifPresent(
        log -> {
          ObjectNode node = root.putObject("prediction");
          node.put("measuredBoot", OvmfPrediction.measures(image));
          EventLogJson.put(node, log);
        });
    out.print(JsonDocument.text(root));
  }

  /** Writes what a section is. */
  static void section(ObjectNode node, TdvfSection section) {
    node.put("index", section.index());
    node.put("type", section.type().label());
    node.put("gpa", "0x" + Long.toHexString(section.gpa()));
    node.put("bytes", section.memorySize());
    node.put("imageOffset", section.dataOffset());
    node.put("imageBytes", section.rawSize());
    node.put("measured", section.measured());
    node.put("augmented", section.augmented());
  }
}
