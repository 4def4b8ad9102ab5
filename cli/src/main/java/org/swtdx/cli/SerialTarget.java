package org.swtdx.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Where the guest's serial console goes. */
sealed interface SerialTarget {
  /** Standard input and output, a terminal in raw mode if they are one. */
  record Stdio() implements SerialTarget {}

  /** Nowhere. */
  record Null() implements SerialTarget {}

  /**
   * A file.
   *
   * @param path overwritten
   */
  record ToFile(Path path) implements SerialTarget {}

  /** Reads {@code stdio}, {@code null} or {@code file:PATH}. */
  final class Converter implements ITypeConverter<SerialTarget> {
    @Override
    public SerialTarget convert(String text) {
      if (text.equals("stdio")) {
        return new Stdio();
      }
      if (text.equals("null")) {
        return new Null();
      }
      if (text.startsWith("file:") && text.length() > 5) {
        return new ToFile(Path.of(text.substring(5)));
      }
      throw new TypeConversionException(
          "'" + text + "' is no serial target; write stdio, null or file:PATH");
    }
  }
}
