package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.mrtd.MrtdReport;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Predicts the MRTD of a firmware image without booting it. */
@Command(
    name = "measure",
    description = "Print the MRTD that hardware would have after the build with this firmware.",
    mixinStandardHelpOptions = true)
final class MeasureCommand implements Callable<Integer> {
  /** How the result is printed. */
  enum Format {
    /** A table of sections and the measurement. */
    TEXT,
    /** One document. */
    JSON,
    /** The 96 hexadecimal digits alone. */
    RAW
  }

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--firmware",
      required = true,
      paramLabel = "FILE",
      description = "A TDVF image, for example OVMF.fd.")
  @SuppressWarnings("NullAway.Init")
  private Path firmware;

  @Option(
      names = "--order",
      defaultValue = "kvm",
      converter = OrderConverter.class,
      paramLabel = "kvm|two-pass",
      description =
          "kvm: each page is added and then measured (upstream Linux, the default); two-pass: all"
              + " pages of a section are added, then all are measured.")
  @SuppressWarnings("NullAway.Init")
  private MeasurementOrder order;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "text|json|raw",
      description = "Default: text.")
  @SuppressWarnings("NullAway.Init")
  private Format format;

  @Override
  public Integer call() throws InputException {
    TdvfImage image;
    byte[] bytes = InputFile.read(firmware, "TDVF image", 64L << 20);
    try {
      image = TdvfImage.parse(bytes);
    } catch (TdvfException e) {
      throw (InputException) new InputException(firmware + ": " + e.getMessage()).initCause(e);
    }
    MrtdReport report = MrtdCalculator.report(image, order);
    PrintWriter out = spec.commandLine().getOut();
    switch (format) {
      case RAW -> out.println(report.mrtd());
      case JSON -> out.print(JsonDocument.text(json(report)));
      case TEXT -> text(out, image, report);
    }
    out.flush();
    return ExitStatus.OK;
  }

  private void text(PrintWriter out, TdvfImage image, MrtdReport report) {
    out.printf("%-12s %18s %10s %8s %8s%n", "SECTION", "GPA", "BYTES", "PAGES", "EXTENDS");
    for (MrtdReport.SectionMeasurement s : report.sections()) {
      out.printf(
          "%-12s %18s %10d %8d %8d%n",
          s.section().type().label(),
          "0x" + Long.toHexString(s.section().gpa()),
          s.section().memorySize(),
          s.pagesAdded(),
          s.chunksExtended());
    }
    image.remarks().forEach(remark -> out.println("note: " + remark));
    out.println("order " + report.order().label());
    out.println("MRTD  " + report.mrtd());
  }

  private ObjectNode json(MrtdReport report) {
    ObjectNode root = JsonDocument.start("swtdx.measure", 1);
    root.put("firmware", firmware.toString());
    root.put("order", report.order().label());
    root.put("mrtd", report.mrtd());
    ArrayNode sections = root.putArray("sections");
    for (MrtdReport.SectionMeasurement s : report.sections()) {
      ObjectNode node = sections.addObject();
      node.put("type", s.section().type().label());
      node.put("gpa", "0x" + Long.toHexString(s.section().gpa()));
      node.put("bytes", s.section().memorySize());
      node.put("pagesAdded", s.pagesAdded());
      node.put("chunksExtended", s.chunksExtended());
      node.put("contentsSha384", s.contentsSha384());
      node.put("mrtdAfter", s.mrtdAfter());
    }
    return root;
  }

  /** Takes an order by its name on the command line. */
  static final class OrderConverter implements ITypeConverter<MeasurementOrder> {
    @Override
    public MeasurementOrder convert(String text) {
      for (MeasurementOrder order : MeasurementOrder.values()) {
        if (order.label().equalsIgnoreCase(text)) {
          return order;
        }
      }
      throw new CommandLine.TypeConversionException(
          "'" + text + "' is no measuring order; write kvm or two-pass");
    }
  }
}
