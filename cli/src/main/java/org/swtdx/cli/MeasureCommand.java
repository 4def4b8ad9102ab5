package org.swtdx.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.eventlog.CcelWriter;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.mrtd.ImageDiff;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.mrtd.MrtdReport;
import org.swtdx.attestation.mrtd.MrtdVariant;
import org.swtdx.attestation.predict.OvmfPrediction;
import org.swtdx.attestation.predict.PredictionException;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.vmm.FirmwareInput;
import org.swtdx.vmm.VmmException;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Predicts the measurements of a firmware image without booting it. */
@Command(
    name = "measure",
    description = {
      "Print the MRTD that hardware would have after the build with this firmware.",
      "With --predict also RTMR0 and RTMR1 after OVMF's boot on the machine that 'run' builds."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:measured; with --expect or --diff: the MRTDs are the same",
      "1:with --expect or --diff: they differ",
      "2:wrong usage, or an image can't be measured"
    })
final class MeasureCommand implements Callable<Integer> {
  private static final long MOST_BYTES = 64L << 20;
  private static final int MRTD_DIGITS = 96;

  /** How the result is printed. */
  enum Format {
    /** A table of sections and the measurement. */
    TEXT,
    /** One document. */
    JSON,
    /** The 96 hexadecimal digits alone. */
    RAW
  }

  /** The image, named in either way. */
  static final class Image {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "FILE",
        description = "A TDVF image, for example OVMF.fd.")
    private @Nullable Path file;

    @Option(names = "--firmware", paramLabel = "FILE", description = "The same, as 'run' has it.")
    private @Nullable Path firmware;

    private Path path() {
      return java.util.Objects.requireNonNull(file == null ? firmware : file);
    }
  }

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  @SuppressWarnings("NullAway.Init")
  private Image image;

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
      names = "--explain",
      description = "Tell section by section what entered the measurement, and how.")
  private boolean explain;

  @Option(
      names = "--expect",
      paramLabel = "HEX",
      description =
          "An MRTD found elsewhere: say whether and in which way of building it comes out.")
  private @Nullable String expect;

  @Option(
      names = "--diff",
      paramLabel = "OTHER",
      description = "Compare with another image: sections, pages, bytes, and what that changes.")
  private @Nullable Path diff;

  @Option(names = "--predict", description = "Also predict the RTMRs of OVMF's boot to its shell.")
  private boolean predict;

  @Option(
      names = "--memory",
      defaultValue = "1G",
      converter = MemorySize.Converter.class,
      paramLabel = "SIZE",
      description = "With --predict: RAM of the machine; default: 1G.")
  @SuppressWarnings("NullAway.Init")
  private MemorySize memory;

  @Option(
      names = "--cpus",
      defaultValue = "1",
      paramLabel = "N",
      description = "With --predict: vCPUs of the machine; default: 1.")
  private int cpus;

  @Option(
      names = "--ccel",
      paramLabel = "OUT",
      description = "With --predict: write the predicted event log in its binary form.")
  private @Nullable Path ccel;

  @Option(
      names = "--format",
      defaultValue = "text",
      paramLabel = "text|json|raw",
      description = "Default: text.")
  @SuppressWarnings("NullAway.Init")
  private Format format;

  @Option(names = "--json", description = "The same as --format json.")
  private boolean json;

  @Override
  public Integer call() throws InputException {
    Format how = json ? Format.JSON : format;
    String expected = expected();
    TdvfImage first = read(image.path());
    PrintWriter out = spec.commandLine().getOut();
    boolean same = true;
    if (diff != null) {
      TdvfImage second = read(diff);
      ImageDiff difference = ImageDiff.of(first, second);
      MrtdReport one = MrtdCalculator.report(first, order);
      MrtdReport two = MrtdCalculator.report(second, order);
      new MeasureDiffOutput(out, how).print(difference, one, two);
      same = one.mrtd().equals(two.mrtd());
    } else {
      MrtdReport report = MrtdCalculator.report(first, order);
      Optional<EventLog> prediction = predict ? Optional.of(predict(first)) : Optional.empty();
      Optional<MrtdVariant> variant =
          expected.isEmpty() ? Optional.empty() : MrtdVariant.explaining(first, expected);
      same = expected.isEmpty() || report.mrtd().equals(expected);
      MeasureOutput output = new MeasureOutput(out, first, report, prediction);
      switch (how) {
        case RAW -> output.raw();
        case JSON -> output.json(image.path().toString(), expected, variant);
        case TEXT -> output.text(explain, expected, variant);
      }
    }
    out.flush();
    return same ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private String expected() {
    if (expect == null) {
      return "";
    }
    String digits = expect.toLowerCase(Locale.ROOT);
    if (digits.length() != MRTD_DIGITS || !digits.matches("[0-9a-f]*")) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--expect: an MRTD has 96 hexadecimal digits");
    }
    return digits;
  }

  private static TdvfImage read(Path path) throws InputException {
    byte[] bytes = InputFile.read(path, "TDVF image", MOST_BYTES);
    try {
      return TdvfImage.parse(bytes);
    } catch (TdvfException e) {
      throw (InputException) new InputException(path + ": " + e.getMessage()).initCause(e);
    }
  }

  private EventLog predict(TdvfImage firmware) throws InputException {
    EventLog log;
    try {
      log =
          OvmfPrediction.predict(
              firmware,
              FirmwareInput.describe(firmware, memory.bytes(), cpus, FirmwareInput.OVMF_ECAM));
    } catch (PredictionException | VmmException e) {
      throw (InputException) new InputException(image.path() + ": " + e.getMessage()).initCause(e);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    if (ccel != null) {
      try {
        Files.write(ccel, CcelWriter.write(log));
      } catch (IOException e) {
        throw InputException.cannotWrite(ccel, e);
      }
    }
    return log;
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
