package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The collection of real quotes that may stand beside the checkout; tests skip without it. */
final class Corpus {
  private static final Optional<Path> FOLDER = find();

  private Corpus() {}

  private static Optional<Path> find() {
    return Stream.iterate(Path.of("").toAbsolutePath(), folder -> folder != null, Path::getParent)
        .map(folder -> folder.resolve("shared/data/quotes"))
        .filter(Files::isDirectory)
        .findFirst();
  }

  static boolean isPresent() {
    return FOLDER.isPresent();
  }

  static Path path(String name) {
    assumeThat(FOLDER).as("collection of real quotes").isPresent();
    return FOLDER.orElseThrow().resolve(name);
  }

  static byte[] bytes(String name) {
    try {
      return Files.readAllBytes(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode json(String name) {
    return JsonMapper.shared().readTree(bytes(name));
  }

  /** A quote in whatever form its file has: raw, hexadecimal, or a member of a JSON document. */
  static byte[] quote(String name) {
    byte[] bytes = bytes(name);
    if (name.endsWith(".json")) {
      return HexFormat.of().parseHex(json(name).get("quote").stringValue());
    }
    if (name.endsWith(".hex")) {
      String text = new String(bytes, StandardCharsets.US_ASCII).strip();
      return HexFormat.of().parseHex(text.startsWith("0x") ? text.substring(2) : text);
    }
    return bytes;
  }
}
