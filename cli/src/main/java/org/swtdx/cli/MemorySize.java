package org.swtdx.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory as written on the command line, for example {@code 512M} or {@code 4G}.
 *
 * @param bytes the amount in bytes
 */
record MemorySize(long bytes) {
  /** Reads {@code 1G}, {@code 512M}, {@code 65536K}, or plain MiB, as QEMU's {@code -m} does. */
  static final class Converter implements ITypeConverter<MemorySize> {
    @Override
    public MemorySize convert(String text) {
      int shift = 20;
      String digits = text;
      if (!text.isEmpty()) {
        switch (Character.toUpperCase(text.charAt(text.length() - 1))) {
          case 'K' -> shift = 10;
          case 'M' -> shift = 20;
          case 'G' -> shift = 30;
          case 'T' -> shift = 40;
          default -> shift = -1;
        }
        if (shift < 0) {
          shift = 20;
        } else {
          digits = text.substring(0, text.length() - 1);
        }
      }
      try {
        long value = Long.parseLong(digits);
        if (value > 0 && value <= Long.MAX_VALUE >> shift) {
          return new MemorySize(value << shift);
        }
      } catch (NumberFormatException e) {
        throw wrong(text, e);
      }
      throw wrong(text, null);
    }

    private static TypeConversionException wrong(
        String text, @org.jspecify.annotations.Nullable Throwable cause) {
      TypeConversionException wrong =
          new TypeConversionException(
              "'" + text + "' is not an amount of memory; write for example 512M or 4G");
      if (cause != null) {
        wrong.initCause(cause);
      }
      return wrong;
    }
  }
}
