package org.swtdx.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.quote.QuoteStream;
import org.swtdx.attestation.text.Printable;

/**
 * Quotes that the user names: files with one quote each, raw or in hexadecimal; folders of such
 * files; or standard input with raw quotes, one behind the other, or quotes in hexadecimal, a line
 * each.
 */
final class QuoteInput {
  private static final int LARGEST = 1 << 20;

  private QuoteInput() {}

  /**
   * A quote, decoded, by the name that results are reported under: its file as far as that can be
   * printed, or {@code -} and the number of the quote or of its line.
   */
  static final class Named {
    private final String name;
    private final byte[] bytes;

    Named(String name, byte[] bytes) {
      this.name = Printable.clean(name);
      this.bytes = bytes;
    }

    String name() {
      return name;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  /** Takes quotes one by one. */
  @FunctionalInterface
  interface Sink {
    /** Takes a quote. */
    void accept(Named quote) throws InputException, InterruptedException;
  }

  /** Hands over every quote of the paths, in order. */
  static void read(List<Path> paths, InputStream standardInput, Sink sink)
      throws InputException, InterruptedException {
    for (Path path : paths) {
      if (path.toString().equals("-")) {
        readStream(standardInput, sink);
      } else if (Files.isDirectory(path)) {
        for (Path file : files(path)) {
          sink.accept(one(file));
        }
      } else {
        sink.accept(one(path));
      }
    }
  }

  private static List<Path> files(Path folder) throws InputException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      entries.forEach(files::add);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot read " + folder + ": " + e.getMessage()).initCause(e);
    }
    Collections.sort(files);
    return files;
  }

  private static Named one(Path file) throws InputException {
    byte[] bytes = InputFile.read(file, "quote", LARGEST);
    return new Named(file.toString(), isText(bytes) ? decode(bytes, file.toString()) : bytes);
  }

  /** A quote begins with its version, which is no character that text has. */
  private static boolean isText(byte[] bytes) {
    return bytes.length > 0 && (HexFormat.isHexDigit(bytes[0]) || Character.isWhitespace(bytes[0]));
  }

  private static byte[] decode(byte[] text, String name) throws InputException {
    String digits = new String(text, StandardCharsets.ISO_8859_1).replaceAll("\\s", "");
    return decode(digits, name);
  }

  private static byte[] decode(String text, String name) throws InputException {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return HexFormat.of().parseHex(digits);
    } catch (IllegalArgumentException e) {
      throw (InputException)
          new InputException(name + " is neither a raw quote nor hexadecimal digits").initCause(e);
    }
  }

  private static void readStream(InputStream in, Sink sink)
      throws InputException, InterruptedException {
    try {
      BufferedInputStream buffered = new BufferedInputStream(in, 1 << 16);
      buffered.mark(1);
      int first = buffered.read();
      buffered.reset();
      if (first >= 0 && !isText(new byte[] {(byte) first})) {
        readQuotes(buffered, sink);
        return;
      }
      readLines(buffered, sink);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot read standard input: " + e.getMessage()).initCause(e);
    }
  }

  /** Raw quotes, one behind the other. */
  private static void readQuotes(InputStream in, Sink sink)
      throws IOException, InputException, InterruptedException {
    QuoteStream stream = new QuoteStream(in, LARGEST);
    int number = 0;
    for (var next = stream.next(); next.isPresent(); next = stream.next()) {
      sink.accept(new Named("-:" + ++number, next.get()));
    }
    if (number == 0) {
      sink.accept(new Named("-", new byte[0]));
    }
  }

  /** Lines of at most twice a quote's size; empty ones are passed over. */
  private static void readLines(InputStream in, Sink sink)
      throws IOException, InputException, InterruptedException {
    byte[] block = new byte[1 << 16];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int number = 0;
    boolean any = false;
    for (int size = in.read(block); size >= 0; size = in.read(block)) {
      int from = 0;
      for (int i = 0; i < size; i++) {
        if (block[i] == '\n') {
          line.write(block, from, i - from);
          from = i + 1;
          any |= acceptLine(line, ++number, sink);
        }
      }
      line.write(block, from, size - from);
      if (line.size() > 2 * LARGEST + 2) {
        throw new InputException(
            "line " + (number + 1) + " of standard input is too long for a quote");
      }
    }
    any |= acceptLine(line, ++number, sink);
    if (!any) {
      sink.accept(new Named("-", new byte[0]));
    }
  }

  private static boolean acceptLine(ByteArrayOutputStream line, int number, Sink sink)
      throws InputException, InterruptedException {
    String text = line.toString(StandardCharsets.ISO_8859_1).strip();
    line.reset();
    if (text.isEmpty()) {
      return false;
    }
    sink.accept(new Named("-:" + number, decode(text, "line " + number)));
    return true;
  }
}
