package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.swtdx.attestation.eventlog.EventLog.Format;
import org.swtdx.attestation.eventlog.EventLogException.Problem;
import org.swtdx.attestation.text.Printable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the JSON forms of event logs; duplicate keys are refused. */
final class JsonLogReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final String REMEDY =
      "give the document of 'swtdx eventlog show --json', a dstack event list, a trustee"
          + " 'uefi_event_logs' document, or a run's summary";

  private final byte[] input;

  private JsonLogReader(byte[] input) {
    this.input = input;
  }

  static EventLog read(byte[] input) throws EventLogException {
    JsonLogReader reader = new JsonLogReader(input);
    return reader.document(parse(input));
  }

  private static JsonNode parse(byte[] input) throws EventLogException {
    try {
      return MAPPER.readTree(input);
    } catch (JacksonException e) {
      throw bad("not JSON: " + Printable.clean(e.getOriginalMessage()));
    }
  }

  private static EventLogException bad(String reason) {
    return new EventLogException(Problem.BAD_JSON, reason, REMEDY);
  }

  private EventLog document(JsonNode root) throws EventLogException {
    if (root.isArray()) {
      return dstack(root);
    }
    JsonNode events = root.get("event_log");
    if (events != null) { // a quote with its log; the list is JSON in a string
      return dstack(
          events.isString()
              ? parse(events.asString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
              : events);
    }
    if (root.has("uefi_event_logs")) {
      return log(Format.TRUSTEE_JSON, root.path("uefi_event_logs"), JsonLogReader::trustee);
    }
    if ("swtdx.eventlog".equals(root.path("kind").asString(""))) {
      return log(Format.SWTDX_JSON, root.path("events"), JsonLogReader::own);
    }
    if ("swtdx.run".equals(root.path("kind").asString(""))) {
      return log(Format.RUN_JSON, root.path("td").path("rtmrExtensions"), JsonLogReader::extension);
    }
    throw bad("the JSON document is no event log");
  }

  /** Makes one event of its JSON object. */
  private interface Entry {
    LogEvent read(int number, JsonNode node) throws EventLogException;
  }

  private EventLog log(Format format, JsonNode list, Entry entry) throws EventLogException {
    if (!list.isArray()) {
      throw bad("the document has no list of events");
    }
    List<LogEvent> events = new ArrayList<>();
    for (JsonNode node : list) {
      if (!node.isObject()) {
        throw bad("event " + events.size() + " is no JSON object");
      }
      events.add(entry.read(events.size(), node));
    }
    return new EventLog(format, Optional.empty(), events, input.length, input.length, List.of());
  }

  private EventLog dstack(JsonNode list) throws EventLogException {
    return log(
        Format.DSTACK_JSON,
        list,
        (number, node) -> {
          long imr = number(number, node, "imr");
          byte[] data = hex(number, node, "event_payload");
          return new LogEvent(
              number,
              imr + 1,
              new EventType((int) number(number, node, "event_type")),
              digest(number, HashAlgorithm.SHA384, text(node, "digest")),
              data,
              text(node, "event"));
        });
  }

  private static LogEvent trustee(int number, JsonNode node) throws EventLogException {
    List<EventDigest> digests = new ArrayList<>();
    for (JsonNode digest : node.path("digests")) {
      digests.addAll(
          digest(number, algorithm(number, text(digest, "alg")), text(digest, "digest")));
    }
    String label = text(node, "type_name");
    EventType type =
        EventType.ofLabel(label)
            .orElseThrow(
                () -> bad("event %d: type '%s'".formatted(number, Printable.clean(label))));
    return new LogEvent(
        number, number(number, node, "index"), type, digests, base64(number, node, "event"), "");
  }

  private static LogEvent own(int number, JsonNode node) throws EventLogException {
    List<EventDigest> digests = new ArrayList<>();
    JsonNode values = node.path("digests");
    for (String name : values.propertyNames()) {
      digests.addAll(digest(number, algorithm(number, name), text(values, name)));
    }
    return new LogEvent(
        number,
        number(number, node, "mrIndex"),
        new EventType((int) number(number, node, "typeCode")),
        digests,
        hex(number, node, "data"),
        text(node, "name"));
  }

  private static LogEvent extension(int number, JsonNode node) throws EventLogException {
    return new LogEvent(
        number,
        number(number, node, "rtmr") + 1,
        EventType.ACTION,
        digest(number, HashAlgorithm.SHA384, text(node, "digest")),
        new byte[0],
        "");
  }

  private static String text(JsonNode node, String key) {
    return node.path(key).asString("");
  }

  private static long number(int event, JsonNode node, String key) throws EventLogException {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw bad("event " + event + " has no number '" + key + "'");
    }
    long number = value.asLong();
    if (number < 0 || number > 0xffff_ffffL) {
      throw bad("event " + event + ": '" + key + "' is " + number + ", not an unsigned 32-bit one");
    }
    return number;
  }

  private static HashAlgorithm algorithm(int event, String name) throws EventLogException {
    return HashAlgorithm.ofName(name)
        .orElseThrow(
            () ->
                new EventLogException(
                    Problem.UNKNOWN_ALGORITHM,
                    "event %d has digest algorithm '%s', which is not known"
                        .formatted(event, Printable.clean(name)),
                    REMEDY));
  }

  private static List<EventDigest> digest(int event, HashAlgorithm algorithm, String hex)
      throws EventLogException {
    String digits = hex.toLowerCase(Locale.ROOT);
    if (digits.length() != 2 * algorithm.bytes() || !digits.matches("[0-9a-f]*")) {
      throw bad(
          "event %d: a %s digest is %d hexadecimal digits"
              .formatted(event, algorithm.label(), 2 * algorithm.bytes()));
    }
    return List.of(new EventDigest(algorithm, digits));
  }

  private static byte[] hex(int event, JsonNode node, String key) throws EventLogException {
    try {
      return HexFormat.of().parseHex(text(node, key));
    } catch (IllegalArgumentException e) {
      throw bad("event " + event + ": '" + key + "' is not hexadecimal");
    }
  }

  private static byte[] base64(int event, JsonNode node, String key) throws EventLogException {
    try {
      return Base64.getDecoder().decode(text(node, key));
    } catch (IllegalArgumentException e) {
      throw bad("event " + event + ": '" + key + "' is not base64");
    }
  }
}
