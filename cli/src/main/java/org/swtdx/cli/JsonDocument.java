package org.swtdx.cli;

import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON as the command writes it: indented, keys in the order they were put, a version in front. */
final class JsonDocument {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonDocument() {}

  /**
   * Starts a document of the given kind; {@code version} changes when a key changes its meaning.
   */
  static ObjectNode start(String kind, int version) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("kind", kind);
    node.put("version", version);
    return node;
  }

  /** The document as text, with a final newline. */
  static String text(ObjectNode node) {
    return MAPPER.writeValueAsString(node) + "\n";
  }

  /** The document on one line, without an end. */
  static String line(ObjectNode node) {
    return node.toString();
  }
}
