package org.swtdx.attestation.eventlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.EventLogException.Problem;
import org.swtdx.attestation.text.Printable;

/**
 * Reads a binary log: one event of the old TCG_PCR_EVENT form that holds the header, then
 * crypto-agile events (TCG PC Client Platform Firmware Profile, "Event Logging"; UEFI
 * specification, "Confidential computing event log"). The log ends with the input or where the rest
 * of the area is all 0xff, as firmware leaves it, or all zeros.
 */
final class CcelReader {
  private static final int SHA1_BYTES = 20;
  private static final int MOST_ALGORITHMS = 16;
  private static final int EVENT_AT_LEAST = 16;
  private static final byte[] SIGNATURE =
      "Spec ID Event03\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final String WHOLE = "read the whole of /sys/firmware/acpi/tables/data/CCEL again";

  private final byte[] bytes;
  private final List<String> remarks = new ArrayList<>();
  private final List<LogEvent> events = new ArrayList<>();

  private CcelReader(byte[] bytes) {
    this.bytes = bytes;
  }

  static EventLog read(byte[] bytes) throws EventLogException {
    return new CcelReader(bytes).run();
  }

  private EventLog run() throws EventLogException {
    if (uniform(0)) {
      throw new EventLogException(
          Problem.EMPTY,
          bytes.length == 0
              ? "the event log is empty"
              : "the event log area holds nothing but 0x%02x".formatted(bytes[0]),
          "take the log from a guest whose firmware measures, such as OVMF of 2025.02 or later");
    }
    Cursor cursor = new Cursor(bytes);
    SpecId header;
    try {
      header = header(cursor);
    } catch (ShortDataException e) {
      throw new EventLogException(
          Problem.TRUNCATED, "the event log's header is cut off: " + e.getMessage(), WHOLE);
    }
    while (!atEnd(cursor)) {
      int at = cursor.position();
      try {
        events.add(event(cursor, header));
      } catch (ShortDataException e) {
        throw new EventLogException(
            Problem.TRUNCATED,
            "event %d at offset 0x%x is cut off: %s".formatted(events.size(), at, e.getMessage()),
            WHOLE);
      }
    }
    return new EventLog(
        EventLog.Format.CCEL,
        Optional.of(header),
        events,
        cursor.position(),
        bytes.length,
        remarks);
  }

  private SpecId header(Cursor cursor) throws ShortDataException, EventLogException {
    long mrIndex = cursor.u32("the MR index");
    long type = cursor.u32("the event type");
    byte[] digest = cursor.bytes(SHA1_BYTES, "the SHA-1 digest");
    long size = cursor.u32("the event size");
    if (type != EventType.NO_ACTION.code() || mrIndex > 4) {
      throw new EventLogException(
          Problem.NOT_A_LOG,
          "the first event has MR index %d and type 0x%x, not EV_NO_ACTION"
              .formatted(mrIndex, type),
          "name a TCG2 event log, for example /sys/firmware/acpi/tables/data/CCEL");
    }
    byte[] data = cursor.bytes(size, "the header event");
    if (data.length < SIGNATURE.length
        || !Arrays.equals(data, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      String found = Printable.utf8(Arrays.copyOf(data, Math.min(15, data.length))).orElse("data");
      throw new EventLogException(
          Problem.WRONG_SPEC_ID,
          "the first event holds '%s', not 'Spec ID Event03'".formatted(Printable.clean(found)),
          "only crypto-agile logs have SHA-384 digests; take the log of a TD");
    }
    if (!uniform(digest)) {
      remarks.add("the header's SHA-1 digest is not zero");
    }
    Cursor fields = new Cursor(data);
    fields.skip(SIGNATURE.length, "the signature");
    return specId(fields);
  }

  private SpecId specId(Cursor fields) throws ShortDataException, EventLogException {
    long platformClass = fields.u32("the platform class");
    int minor = fields.u8("the minor version");
    int major = fields.u8("the major version");
    int errata = fields.u8("the errata level");
    int uintnSize = fields.u8("the UINTN size");
    long count = fields.u32("the number of algorithms");
    if (major != 2) {
      throw new EventLogException(
          Problem.WRONG_SPEC_ID,
          "the header has specification version %d.%d, expected 2.x".formatted(major, minor),
          "only crypto-agile logs have SHA-384 digests; take the log of a TD");
    }
    if (count < 1 || count > MOST_ALGORITHMS) {
      throw length("the header announces " + count + " digest algorithms");
    }
    List<HashAlgorithm> algorithms = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int id = fields.u16("an algorithm identifier");
      int size = fields.u16("a digest size");
      HashAlgorithm algorithm = known(id, "the header announces");
      if (algorithm.bytes() != size) {
        throw length(
            "the header gives %s digests %d bytes, not %d"
                .formatted(algorithm.label(), size, algorithm.bytes()));
      }
      if (algorithms.contains(algorithm)) {
        throw length("the header announces " + algorithm.label() + " twice");
      }
      algorithms.add(algorithm);
    }
    int vendorBytes = fields.u8("the vendor information's size");
    fields.skip(vendorBytes, "the vendor information");
    if (fields.remaining() != 0) {
      throw length(fields.remaining() + " bytes follow the header's vendor information");
    }
    if (!algorithms.contains(HashAlgorithm.SHA384)) {
      remarks.add("no SHA-384 digests: the log can't be replayed to RTMRs");
    }
    return new SpecId(platformClass, major, minor, errata, uintnSize, algorithms, vendorBytes);
  }

  private static HashAlgorithm known(int id, String where) throws EventLogException {
    Optional<HashAlgorithm> algorithm = HashAlgorithm.ofId(id);
    if (algorithm.isEmpty()) {
      throw new EventLogException(
          Problem.UNKNOWN_ALGORITHM,
          where + " digest algorithm 0x%04x, which is not known".formatted(id),
          "the log is damaged, or its digests can't be told apart");
    }
    return algorithm.get();
  }

  private static EventLogException length(String reason) {
    return new EventLogException(Problem.BAD_LENGTH, reason, "the log is damaged; " + WHOLE);
  }

  private LogEvent event(Cursor cursor, SpecId header)
      throws ShortDataException, EventLogException {
    int at = cursor.position();
    String where = "event %d at offset 0x%x".formatted(events.size(), at);
    long mrIndex = cursor.u32("the MR index");
    EventType type = new EventType(cursor.i32("the event type"));
    long count = cursor.u32("the digest count");
    if (count < 1 || count > header.algorithms().size()) {
      throw length(
          "%s has %d digests, the header announces %d"
              .formatted(where, count, header.algorithms().size()));
    }
    List<EventDigest> digests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      HashAlgorithm algorithm = known(cursor.u16("an algorithm identifier"), where + " has");
      if (!header.algorithms().contains(algorithm)) {
        throw new EventLogException(
            Problem.UNKNOWN_ALGORITHM,
            where + " has a " + algorithm.label() + " digest, which the header doesn't announce",
            "the log is damaged; " + WHOLE);
      }
      if (digests.stream().anyMatch(d -> d.algorithm() == algorithm)) {
        throw length(where + " has two " + algorithm.label() + " digests");
      }
      String hex = HexFormat.of().formatHex(cursor.bytes(algorithm.bytes(), "a digest"));
      digests.add(new EventDigest(algorithm, hex));
    }
    if (count < header.algorithms().size()) {
      remarks.add(where + " lacks digests that the header announces");
    }
    long size = cursor.u32("the event size");
    byte[] data = cursor.bytes(size, "the event data");
    return new LogEvent(events.size(), mrIndex, type, digests, data, "");
  }

  /** Whether the log ends here: with the input, or with the fill of the unused area. */
  private boolean atEnd(Cursor cursor) {
    if (cursor.remaining() == 0 || uniform(cursor.position())) {
      return true;
    }
    boolean blank = blankRecord(cursor.position());
    if (blank) {
      remarks.add(
          "the unused area after offset 0x%x is not uniform; what follows is ignored"
              .formatted(cursor.position()));
    }
    return blank;
  }

  /** Whether no event, but 16 bytes of fill start here, with something else behind them. */
  private boolean blankRecord(int from) {
    if (bytes.length - from < EVENT_AT_LEAST) {
      return false;
    }
    byte[] record = Arrays.copyOfRange(bytes, from, from + EVENT_AT_LEAST);
    for (byte b : record) {
      if (b != record[0]) {
        return false;
      }
    }
    return record[0] == 0 || record[0] == -1;
  }

  private boolean uniform(int from) {
    if (from == bytes.length) {
      return true;
    }
    byte fill = bytes[from];
    if (fill != 0 && fill != -1) {
      return false;
    }
    for (int i = from; i < bytes.length; i++) {
      if (bytes[i] != fill) {
        return false;
      }
    }
    return true;
  }

  private static boolean uniform(byte[] zeros) {
    for (byte b : zeros) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }
}
