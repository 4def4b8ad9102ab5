package org.swtdx.attestation.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.text.Printable;
import tools.jackson.databind.JsonNode;

/** The members of a JSON object, read as what they have to be. */
public final class JsonFields {
  private static final int ALONE = -1;

  private final JsonNode node;
  private final @Nullable JsonFields owner;
  private final String name;
  private final int index;

  /** The fields of a document; {@code what} it is, for messages. */
  JsonFields(JsonNode node, String what) {
    this(node, null, what, ALONE);
  }

  private JsonFields(JsonNode node, @Nullable JsonFields owner, String name, int index) {
    this.node = node;
    this.owner = owner;
    this.name = name;
    this.index = index;
  }

  /** Where this object stands in its document; only messages need it. */
  public String path() {
    return owner == null ? name : owner.path(name, index);
  }

  private String path(String member, int item) {
    String path = path() + "." + member;
    return item == ALONE ? path : path + "[" + item + "]";
  }

  /** Whether there is a member of that name. */
  public boolean has(String name) {
    return node.has(name);
  }

  /** Refuses members that are not among {@code known}. */
  public void allowOnly(Collection<String> known) throws JsonFormatException {
    Set<String> unknown = new TreeSet<>(node.propertyNames());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new JsonFormatException(
          path()
              + " has the unknown member "
              + String.join(", ", unknown)
              + "; it may have "
              + String.join(", ", new TreeSet<>(known)));
    }
  }

  /** A string on one line, without control characters. */
  public String text(String name) throws JsonFormatException {
    return text(required(name), name, ALONE);
  }

  /** A string as {@link #text}, or nothing when there is no such member. */
  public Optional<String> optionalText(String name) throws JsonFormatException {
    return has(name) ? Optional.of(text(name)) : Optional.empty();
  }

  private String text(JsonNode value, String name, int index) throws JsonFormatException {
    String text = lines(value, name, index);
    if (!Printable.isClean(text)) {
      throw new JsonFormatException(path(name, index) + " has a control character");
    }
    return text;
  }

  /** A string that holds a document or certificates: any characters. */
  public String lines(String name) throws JsonFormatException {
    return lines(required(name), name, ALONE);
  }

  /** A string as {@link #lines}, or nothing when there is no such member. */
  public Optional<String> optionalLines(String name) throws JsonFormatException {
    return has(name) ? Optional.of(lines(name)) : Optional.empty();
  }

  private String lines(JsonNode value, String name, int index) throws JsonFormatException {
    if (!value.isString()) {
      throw new JsonFormatException(path(name, index) + " is not a string");
    }
    return value.stringValue();
  }

  /** A whole number within bounds, both included. */
  public int integer(String name, int least, int most) throws JsonFormatException {
    JsonNode value = required(name);
    if (!value.isInt() || value.intValue() < least || value.intValue() > most) {
      throw new JsonFormatException(
          "%s is %s, not a whole number from %d to %d"
              .formatted(path(name, ALONE), value, least, most));
    }
    return value.intValue();
  }

  /** True or false. */
  public boolean bool(String name) throws JsonFormatException {
    JsonNode value = required(name);
    if (!value.isBoolean()) {
      throw new JsonFormatException(path(name, ALONE) + " is neither true nor false");
    }
    return value.booleanValue();
  }

  /** A moment in ISO 8601 with the zone Z, such as 2025-06-19T10:16:03Z. */
  public Instant instant(String name) throws JsonFormatException {
    String text = text(name);
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new JsonFormatException(
          "%s is '%s', not a time such as 2025-06-19T10:16:03Z".formatted(path(name, ALONE), text),
          e);
    }
  }

  /** Hexadecimal digits of either case, exactly two for each of {@code size} bytes. */
  public byte[] hex(String name, int size) throws JsonFormatException {
    return hex(text(name), size, name, ALONE);
  }

  /** Hexadecimal values of {@code size} bytes: an array of them, or one alone. */
  public List<byte[]> hexes(String name, int size) throws JsonFormatException {
    List<byte[]> values = new ArrayList<>();
    if (required(name).isString()) {
      values.add(hex(name, size));
    } else {
      for (String text : texts(name)) {
        values.add(hex(text, size, name, values.size()));
      }
    }
    return values;
  }

  /** Hexadecimal digits of any even number, in lower case. */
  public byte[] hex(String name) throws JsonFormatException {
    String text = text(name);
    return hex(text, text.length() / 2, name, ALONE);
  }

  private byte[] hex(String text, int size, String name, int index) throws JsonFormatException {
    if (text.length() != 2 * size) {
      throw new JsonFormatException(
          "%s has %d characters, not the %d hexadecimal digits of %d bytes"
              .formatted(path(name, index), text.length(), 2 * size, size));
    }
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new JsonFormatException(path(name, index) + " is not hexadecimal", e);
    }
  }

  /** An object. */
  public JsonFields object(String name) throws JsonFormatException {
    return object(required(name), name, ALONE);
  }

  /** An object, or nothing when there is no such member. */
  public Optional<JsonFields> optionalObject(String name) throws JsonFormatException {
    return has(name) ? Optional.of(object(name)) : Optional.empty();
  }

  private JsonFields object(JsonNode value, String name, int index) throws JsonFormatException {
    if (!value.isObject()) {
      throw new JsonFormatException(path(name, index) + " is not an object");
    }
    return new JsonFields(value, this, name, index);
  }

  /** The objects of an array. */
  public List<JsonFields> objects(String name) throws JsonFormatException {
    List<JsonFields> items = new ArrayList<>();
    for (JsonNode item : array(name)) {
      items.add(object(item, name, items.size()));
    }
    return items;
  }

  /** The strings of an array; none when there is no such member. */
  public List<String> texts(String name) throws JsonFormatException {
    List<String> items = new ArrayList<>();
    if (has(name)) {
      for (JsonNode item : array(name)) {
        items.add(text(item, name, items.size()));
      }
    }
    return List.copyOf(items);
  }

  private JsonNode array(String name) throws JsonFormatException {
    JsonNode value = required(name);
    if (!value.isArray()) {
      throw new JsonFormatException(path(name, ALONE) + " is not an array");
    }
    return value;
  }

  private JsonNode required(String name) throws JsonFormatException {
    @Nullable JsonNode value = node.get(name);
    if (value == null) {
      throw new JsonFormatException(path() + " has no " + name);
    }
    return value;
  }
}
