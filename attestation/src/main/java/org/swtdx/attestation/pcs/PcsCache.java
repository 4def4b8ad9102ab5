package org.swtdx.attestation.pcs;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers in a directory, a file each. Files are written beside their place and renamed, so that
 * readers see whole ones; a file that cannot be read counts as none.
 */
final class PcsCache {
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();
  private static final long LARGEST = 4 << 20;

  private final Path directory;

  PcsCache(Path directory) {
    this.directory = directory;
  }

  /** An answer, when it came, and when it expires. */
  record Entry(PcsAnswer answer, Instant fetched, Instant nextUpdate) {}

  Optional<Entry> get(URI uri) {
    Path file = file(uri);
    try {
      if (Files.size(file) > LARGEST) {
        return Optional.empty();
      }
      JsonNode root = MAPPER.readTree(Files.readString(file));
      if (!root.path("url").asString("").equals(uri.toString())) {
        return Optional.empty();
      }
      JsonNode chain = root.path("issuerChain");
      return Optional.of(
          new Entry(
              new PcsAnswer(
                  Base64.getDecoder().decode(root.path("body").asString("")),
                  chain.isString() ? Optional.of(chain.asString()) : Optional.empty()),
              Instant.parse(root.path("fetched").asString("")),
              Instant.parse(root.path("nextUpdate").asString(""))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | JacksonException | DateTimeException | IllegalArgumentException e) {
      System.getLogger(PcsCache.class.getName())
          .log(System.Logger.Level.WARNING, "passing over the damaged " + file, e);
      return Optional.empty();
    }
  }

  void put(URI uri, Entry entry) throws IOException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("url", uri.toString());
    root.put("fetched", entry.fetched().toString());
    root.put("nextUpdate", entry.nextUpdate().toString());
    entry.answer().issuerChain().ifPresent(chain -> root.put("issuerChain", chain));
    root.put("body", Base64.getEncoder().encodeToString(entry.answer().body()));
    Files.createDirectories(directory);
    Path draft = Files.createTempFile(directory, "new", ".tmp");
    try {
      Files.writeString(draft, MAPPER.writeValueAsString(root));
      Files.move(draft, file(uri), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private Path file(URI uri) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(uri.toString().getBytes(StandardCharsets.UTF_8));
      return directory.resolve(HexFormat.of().formatHex(digest, 0, 16) + ".json");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
