package org.swtdx.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration as {@code timeout(1)} does: a number and an optional ms, s, m, h or d. */
final class TimeSpan implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(\\.\\d{1,3})?(ms|s|m|h|d|)");

  @Override
  public Duration convert(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a duration; write for example 90s, 1.5m, 500ms or 30d");
    }
    double number =
        Double.parseDouble(matcher.group(1) + (matcher.group(2) == null ? "" : matcher.group(2)));
    double millis =
        switch (matcher.group(3)) {
          case "ms" -> number;
          case "m" -> number * 60_000;
          case "h" -> number * 3_600_000;
          case "d" -> number * 86_400_000;
          default -> number * 1000;
        };
    return Duration.ofMillis(Math.round(millis));
  }
}
