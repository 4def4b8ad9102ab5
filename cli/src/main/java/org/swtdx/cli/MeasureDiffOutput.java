package org.swtdx.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.swtdx.attestation.mrtd.ImageDiff;
import org.swtdx.attestation.mrtd.ImageDiff.SectionDiff;
import org.swtdx.attestation.mrtd.MrtdReport;
import org.swtdx.attestation.tdvf.SectionType;
import org.swtdx.attestation.tdvf.TdvfSection;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints how two firmware images differ and what that does to MRTD. */
final class MeasureDiffOutput {
  private final PrintWriter out;
  private final MeasureCommand.Format format;

  MeasureDiffOutput(PrintWriter out, MeasureCommand.Format format) {
    this.out = out;
    this.format = format;
  }

  /** Prints the difference. */
  void print(ImageDiff difference, MrtdReport first, MrtdReport second) {
    switch (format) {
      case JSON -> json(difference, first, second);
      case RAW -> {
        out.println(first.mrtd());
        out.println(second.mrtd());
      }
      case TEXT -> {
        difference.sections().forEach(this::text);
        out.println(
            first.mrtd().equals(second.mrtd())
                ? "MRTD is the same"
                : "MRTD differs: " + first.order().label() + " order");
        out.println("  first  " + first.mrtd());
        out.println("  second " + second.mrtd());
      }
    }
  }

  private void text(SectionDiff diff) {
    TdvfSection section = diff.first().or(diff::second).orElseThrow();
    out.printf("%-8s 0x%x  %s%n", section.type().label(), section.gpa(), describe(diff, section));
    for (ImageDiff.Range range : diff.ranges()) {
      out.printf("           0x%x, %d bytes%n", range.gpa(), range.length());
    }
    if (diff.rangeCount() > diff.ranges().size()) {
      out.printf("           and %d ranges more%n", diff.rangeCount() - diff.ranges().size());
    }
  }

  private static String describe(SectionDiff diff, TdvfSection section) {
    String what =
        switch (diff.change()) {
          case SAME -> "the same";
          case REMOVED -> "only in the first image";
          case ADDED -> "only in the second image";
          case CONTENTS ->
              "%,d of %,d pages differ, %,d bytes"
                  .formatted(diff.pagesDiffering(), section.pages(), diff.bytesDiffering());
          case LAYOUT ->
              "another place, size, order or attribute: %s against %s"
                  .formatted(layout(diff.first()), layout(diff.second()));
        };
    return diff.change() == ImageDiff.Change.SAME ? what : what + "; " + consequence(diff, section);
  }

  private static String consequence(SectionDiff diff, TdvfSection section) {
    if (diff.changesMrtd()) {
      return "changes MRTD";
    }
    return section.type() == SectionType.CFV
        ? "does not change MRTD, but RTMR0 of firmware that measures"
        : "does not change MRTD";
  }

  private static String layout(Optional<TdvfSection> section) {
    return section
        .map(
            s ->
                "section %d at 0x%x, 0x%x bytes, attributes %d"
                    .formatted(s.index(), s.gpa(), s.memorySize(), s.attributes()))
        .orElse("nothing");
  }

  private void json(ImageDiff difference, MrtdReport first, MrtdReport second) {
    ObjectNode root = JsonDocument.start("swtdx.measure.diff", 1);
    root.put("order", first.order().label());
    root.put("same", first.mrtd().equals(second.mrtd()));
    root.put("firstMrtd", first.mrtd());
    root.put("secondMrtd", second.mrtd());
    ArrayNode sections = root.putArray("sections");
    for (SectionDiff diff : difference.sections()) {
      ObjectNode node = sections.addObject();
      node.put("change", diff.change().name());
      node.put("changesMrtd", diff.changesMrtd());
      diff.first().ifPresent(s -> MeasureOutput.section(node.putObject("first"), s));
      diff.second().ifPresent(s -> MeasureOutput.section(node.putObject("second"), s));
      node.put("pagesDiffering", diff.pagesDiffering());
      node.put("bytesDiffering", diff.bytesDiffering());
      node.put("rangeCount", diff.rangeCount());
      ArrayNode ranges = node.putArray("ranges");
      for (ImageDiff.Range range : diff.ranges()) {
        ranges
            .addObject()
            .put("gpa", "0x" + Long.toHexString(range.gpa()))
            .put("bytes", range.length());
      }
    }
    out.print(JsonDocument.text(root));
  }
}
