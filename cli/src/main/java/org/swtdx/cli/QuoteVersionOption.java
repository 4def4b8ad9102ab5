package org.swtdx.cli;

import org.swtdx.attestation.quoting.QuoteVersion;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Which quotes to make. */
final class QuoteVersionOption {
  @Option(
      names = "--quote-version",
      defaultValue = "4",
      converter = Converter.class,
      paramLabel = "4|5",
      description = "4 with the TDX 1.0 body (default), or 5 with the TDX 1.5 body.")
  @SuppressWarnings("NullAway.Init")
  private QuoteVersion version;

  QuoteVersion value() {
    return version;
  }

  /** Reads the number. */
  static final class Converter implements CommandLine.ITypeConverter<QuoteVersion> {
    @Override
    public QuoteVersion convert(String text) {
      return switch (text) {
        case "4" -> QuoteVersion.V4;
        case "5" -> QuoteVersion.V5;
        default ->
            throw new CommandLine.TypeConversionException(
                "TD quotes have version 4 or 5, not " + text);
      };
    }
  }
}
