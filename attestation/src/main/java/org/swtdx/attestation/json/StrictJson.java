package org.swtdx.attestation.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON that leaves no room for two opinions about what it says. */
public final class StrictJson {
  private static final int DEEPEST = 16;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(DEEPEST)
                          .maxNumberLength(20)
                          .maxNameLength(256)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /**
   * Reads the one object that {@code bytes} hold.
   *
   * @param what what the document is to be, for messages
   */
  public static JsonFields object(byte[] bytes, String what) throws JsonFormatException {
    if (!isAscii(bytes)) {
      return object(utf8(bytes, what), what);
    }
    try {
      return fields(MAPPER.readTree(bytes), what);
    } catch (JacksonException e) {
      throw unreadable(what, e);
    }
  }

  /** As {@link #object(byte[], String)}, of text that has been decoded. */
  public static JsonFields object(String text, String what) throws JsonFormatException {
    try {
      return fields(MAPPER.readTree(text), what);
    } catch (JacksonException e) {
      throw unreadable(what, e);
    }
  }

  private static JsonFields fields(@Nullable JsonNode node, String what)
      throws JsonFormatException {
    if (node == null || !node.isObject()) {
      throw new JsonFormatException(what + " is not a JSON object");
    }
    return new JsonFields(node, what);
  }

  /** Whether all bytes are characters of ASCII; no zeros, by which the parser knows UTF-16. */
  private static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b <= 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Splits an object into its members without interpreting them: each value is the text between its
   * first and its last character, as it stands in {@code text}.
   */
  public static Map<String, String> members(String text, String what) throws JsonFormatException {
    Map<String, String> members = new LinkedHashMap<>();
    try (JsonParser parser = MAPPER.createParser(text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new JsonFormatException(what + " is not a JSON object");
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        int start = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        parser.finishToken();
        members.put(name, text.substring(start, (int) parser.currentLocation().getCharOffset()));
      }
      if (parser.nextToken() != null) {
        throw new JsonFormatException(what + " goes on after its end");
      }
      return members;
    } catch (JacksonException e) {
      throw unreadable(what, e);
    }
  }

  /** Decodes UTF-8; anything else, and a byte order mark, is refused. */
  public static String utf8(byte[] bytes, String what) throws JsonFormatException {
    if (isAscii(bytes)) {
      return new String(bytes, StandardCharsets.US_ASCII);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes))
              .toString();
      if (text.startsWith("\uFEFF")) {
        throw new JsonFormatException(what + " begins with a byte order mark");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw new JsonFormatException(what + " is not UTF-8", e);
    }
  }

  private static JsonFormatException unreadable(String what, JacksonException e) {
    String reason = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    return new JsonFormatException(what + " is not the JSON it has to be: " + reason, e);
  }
}
