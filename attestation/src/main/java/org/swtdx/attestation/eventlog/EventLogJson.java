package org.swtdx.attestation.eventlog;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes logs as JSON; {@link EventLogs#read} takes the result back. */
public final class EventLogJson {
  private static final JsonMapper MAPPER = new JsonMapper();

  private EventLogJson() {}

  /**
   * Fills a document with a log: {@code format}, {@code header}, {@code events}, {@code findings},
   * {@code rtmr}.
   *
   * @param root the document
   * @param log the log
   */
  public static void put(ObjectNode root, EventLog log) {
    root.put("format", log.format().name());
    root.put("bytesUsed", log.bytesUsed());
    root.put("bytesTotal", log.bytesTotal());
    log.specId()
        .ifPresent(
            id -> {
              ObjectNode header = root.putObject("header");
              header.put("specification", id.versionMajor() + "." + id.versionMinor());
              header.put("errata", id.errata());
              header.put("platformClass", id.platformClass());
              header.put("uintnSize", id.uintnSize());
              ArrayNode algorithms = header.putArray("algorithms");
              id.algorithms().forEach(a -> algorithms.add(a.label()));
            });
    ArrayNode events = root.putArray("events");
    log.events().forEach(event -> put(events.addObject(), event));
    putFindings(root, LogFinding.of(log));
    Replay replay = Replay.of(log);
    ObjectNode values = root.putObject("rtmr");
    for (int i = 0; i < 4; i++) {
      values.put("RTMR" + i, replay.value(MeasurementRegister.rtmr(i)));
    }
  }

  /** Writes what was found wrong as {@code findings}. */
  public static void putFindings(ObjectNode root, List<LogFinding> findings) {
    ArrayNode list = root.putArray("findings");
    for (LogFinding finding : findings) {
      ObjectNode node = list.addObject();
      node.put("severity", finding.severity().name().toLowerCase(Locale.ROOT));
      if (finding.event() >= 0) {
        node.put("event", finding.event());
      }
      node.put("text", finding.text());
    }
  }

  /** Writes one event. */
  public static void put(ObjectNode node, LogEvent event) {
    node.put("number", event.number());
    node.put("mrIndex", event.mrIndex());
    node.put("register", event.registerLabel());
    node.put("type", event.type().label());
    node.put("typeCode", Integer.toUnsignedLong(event.type().code()));
    ObjectNode digests = node.putObject("digests");
    event.digests().forEach(d -> digests.put(d.algorithm().label(), d.hex()));
    DigestCheck check = DigestCheck.of(event);
    node.put("digest", check.verdict().name());
    node.put("digestCovers", check.covers());
    if (!event.name().isEmpty()) {
      node.put("name", event.name());
    }
    EventDetail detail = EventDecoder.decode(event);
    node.put("summary", detail.summary());
    ObjectNode details = node.putObject("details");
    details.put("kind", detail.getClass().getSimpleName());
    details.setAll((ObjectNode) MAPPER.valueToTree(detail));
    node.put("data", HexFormat.of().formatHex(event.data()));
  }
}
