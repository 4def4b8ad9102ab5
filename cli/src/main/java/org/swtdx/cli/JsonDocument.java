package org.swtdx.cli;

import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON as the command writes it: indented, keys in the order they were put, a version in front; in
 * ASCII, so that nothing in it moves a terminal's cursor or turns its text around.
 */
final class JsonDocument {
  private static final ObjectMapper LINES =
      JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .build();

  private static final ObjectWriter INDENTED = LINES.writerWithDefaultPrettyPrinter();

  private JsonDocument() {}

  /**
   * Starts a document of the given kind; {@code version} changes when a key changes its meaning.
   */
  static ObjectNode start(String kind, int version) {
    ObjectNode node = LINES.createObjectNode();
    node.put("kind", kind);
    node.put("version", version);
    return node;
  }

  /** The document as text, with a final newline. */
  static String text(ObjectNode node) {
    return INDENTED.writeValueAsString(node) + "\n";
  }

  /** The document on one line, without an end. */
  static String line(ObjectNode node) {
    return LINES.writeValueAsString(node);
  }
}
