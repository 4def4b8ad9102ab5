package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.mrtd.MeasurementOrder;
import org.swtdx.attestation.mrtd.MrtdCalculator;
import org.swtdx.attestation.quoting.CollateralIssuer;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.QuotingException;
import org.swtdx.attestation.quoting.ReportBuilder;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.attestation.report.TdReport;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.vmm.TdAttributes;
import org.swtdx.vmm.TdParameters;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes a quote, of a report or of values. */
@Command(
    name = "make",
    description = {
      "Make a quote signed by this installation's TEST PKI: of a TDREPORT that a TD of swtdx run"
          + " made, or of the values that you name, for a TD that never ran.",
      "What is not named is zero; attributes and XFAM are those of swtdx run."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class QuoteMakeCommand implements Callable<Integer> {
  private static final long XFAM = 0x207; // x87, SSE, AVX, PKRU, as TDs of swtdx run have

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The quote; - is standard output.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private QuoteVersionOption version;

  @Option(
      names = "--collateral-out",
      paramLabel = "FILE",
      description = "Also write matching collateral, as a QuoteCollateralV3 JSON bundle.")
  private @Nullable Path collateralOut;

  @Option(
      names = "--report-out",
      paramLabel = "FILE",
      description = "Also write the TDREPORT, 1024 bytes.")
  private @Nullable Path reportOut;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Quote this TDREPORT, 1024 bytes, instead of values.")
  private @Nullable Path report;

  @Option(
      names = "--accept-any-report",
      description = "Quote a report of another platform as well: its MAC is not checked.")
  private boolean acceptAny;

  @Option(
      names = "--report-data",
      paramLabel = "HEX",
      description = "REPORTDATA, up to 128 hex digits; zeros follow.")
  private @Nullable String reportData;

  @Option(names = "--mrtd", paramLabel = "HEX", description = "MRTD, 96 hex digits.")
  private @Nullable String mrTd;

  @Option(
      names = "--firmware",
      paramLabel = "FILE",
      description = "A TDVF image whose MRTD to take.")
  private @Nullable Path firmware;

  @Option(
      names = "--rtmr",
      paramLabel = "N=HEX",
      description = "An RTMR, for example 3=00...; may be repeated.")
  @SuppressWarnings("NullAway.Init")
  private Map<Integer, String> rtmrs = Map.of();

  @Option(names = "--mrconfigid", paramLabel = "HEX", description = "MRCONFIGID, 96 hex digits.")
  private @Nullable String mrConfigId;

  @Option(names = "--mrowner", paramLabel = "HEX", description = "MROWNER, 96 hex digits.")
  private @Nullable String mrOwner;

  @Option(names = "--mrownerconfig", paramLabel = "HEX", description = "MROWNERCONFIG, 96 digits.")
  private @Nullable String mrOwnerConfig;

  @Option(
      names = "--attributes",
      paramLabel = "LIST",
      description = "TD attributes by name, or a number; default: sept-ve-disable.")
  private @Nullable String attributes;

  @Option(names = "--xfam", paramLabel = "HEX", description = "XFAM, a number such as 0x207.")
  private @Nullable String xfam;

  @Override
  public Integer call() throws InputException {
    PrintWriter talk = spec.commandLine().getErr();
    InstalledPki installed = InstalledPki.open(option, talk);
    try {
      TestPki pki = installed.pki();
      byte[] source = report == null ? built(pki) : given(report);
      byte[] quote =
          new QuotingEnclave(pki, acceptAny ? _ -> true : pki.reportMac())
              .quote(source, version.value());
      if (collateralOut != null) {
        CollateralIssuer issuer = new CollateralIssuer(pki, installed.state());
        OutputFile.write(collateralOut, CollateralBundle.toJson(issuer.issue(Instant.now())));
      }
      if (reportOut != null) {
        OutputFile.write(reportOut, source);
      }
      OutputFile.write(out, quote);
      talk.println("quote of " + quote.length + " bytes, signed by a TEST PKI");
      talk.flush();
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    } catch (QuotingException e) {
      throw (InputException) new InputException("no quote: " + e.getMessage()).initCause(e);
    }
  }

  private byte[] given(Path file) throws InputException {
    boolean values =
        reportData != null
            || mrTd != null
            || firmware != null
            || !rtmrs.isEmpty()
            || mrConfigId != null
            || mrOwner != null
            || mrOwnerConfig != null
            || attributes != null
            || xfam != null;
    if (values) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "a report has its values already: leave them out with --report");
    }
    return InputFile.read(file, "TDREPORT", TdReport.SIZE);
  }

  private byte[] built(TestPki pki) throws InputException {
    try {
      ReportBuilder builder = new ReportBuilder();
      builder.attributes(
          attributes == null ? TdParameters.DEFAULT.attributes() : TdAttributes.parse(attributes));
      builder.xfam(xfam == null ? XFAM : number(xfam));
      if (mrTd != null && firmware != null) {
        throw new IllegalArgumentException("--firmware gives an MRTD: leave --mrtd out");
      }
      if (mrTd != null) {
        builder.mrTd(measurement("--mrtd", mrTd));
      } else if (firmware != null) {
        builder.mrTd(mrTdOf(firmware));
      }
      if (mrConfigId != null) {
        builder.mrConfigId(measurement("--mrconfigid", mrConfigId));
      }
      if (mrOwner != null) {
        builder.mrOwner(measurement("--mrowner", mrOwner));
      }
      if (mrOwnerConfig != null) {
        builder.mrOwnerConfig(measurement("--mrownerconfig", mrOwnerConfig));
      }
      for (Map.Entry<Integer, String> rtmr : rtmrs.entrySet()) {
        if (rtmr.getKey() < 0 || rtmr.getKey() > 3) {
          throw new IllegalArgumentException("--rtmr: there are RTMRs 0 to 3");
        }
        builder.rtmr(rtmr.getKey(), measurement("--rtmr", rtmr.getValue()));
      }
      if (reportData != null) {
        builder.reportData(Arrays.copyOf(hex("--report-data", reportData, 64), 64));
      }
      return builder.build(pki.reportMac()).toBytes();
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] mrTdOf(Path firmware) throws InputException {
    try {
      TdvfImage image = TdvfImage.parse(InputFile.read(firmware, "TDVF image", 64L << 20));
      return MrtdCalculator.mrtd(image, MeasurementOrder.KVM);
    } catch (TdvfException e) {
      throw (InputException) new InputException(firmware + ": " + e.getMessage()).initCause(e);
    }
  }

  private static long number(String text) {
    try {
      return Long.parseUnsignedLong(text.startsWith("0x") ? text.substring(2) : text, 16);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--xfam: '" + text + "' is no hexadecimal number", e);
    }
  }

  private static byte[] measurement(String name, String digits) {
    byte[] bytes = hex(name, digits, 48);
    if (bytes.length != 48) {
      throw new IllegalArgumentException(name + " has 96 hex digits, not " + digits.length());
    }
    return bytes;
  }

  private static byte[] hex(String name, String digits, int limit) {
    try {
      byte[] bytes = HexFormat.of().parseHex(digits);
      if (bytes.length > limit) {
        throw new IllegalArgumentException(name + " has at most " + 2 * limit + " hex digits");
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }
}
