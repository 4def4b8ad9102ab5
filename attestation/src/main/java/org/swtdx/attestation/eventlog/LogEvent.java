package org.swtdx.attestation.eventlog;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One event of a log. Immutable. */
public final class LogEvent {
  private final int number;
  private final long mrIndex;
  private final EventType type;
  private final List<EventDigest> digests;
  private final byte[] data;
  private final String name;

  /**
   * Makes an event.
   *
   * @param number its place in the log, from 0, the header not counted
   * @param mrIndex the measurement register's index as it stands in the log, unsigned 32 bits
   * @param type its type
   * @param digests its digests, at most one for each algorithm
   * @param data the event data; copied
   * @param name the name that some logs give beside the data; empty in binary logs
   */
  public LogEvent(
      int number,
      long mrIndex,
      EventType type,
      List<EventDigest> digests,
      byte[] data,
      String name) {
    this.number = number;
    this.mrIndex = mrIndex;
    this.type = type;
    this.digests = List.copyOf(digests);
    this.data = data.clone();
    this.name = name;
  }

  /** The place in the log, from 0; the header is not counted. */
  public int number() {
    return number;
  }

  /** The register's index as it stands in the log, unsigned. */
  public long mrIndex() {
    return mrIndex;
  }

  /** The register; empty if the index names none. */
  public Optional<MeasurementRegister> register() {
    return MeasurementRegister.ofMrIndex(mrIndex);
  }

  /** The type. */
  public EventType type() {
    return type;
  }

  /** All digests, in the log's order. */
  public List<EventDigest> digests() {
    return digests;
  }

  /** The SHA-384 digest, which an RTMR is extended with. */
  public Optional<EventDigest> sha384() {
    return digests.stream().filter(d -> d.algorithm() == HashAlgorithm.SHA384).findFirst();
  }

  /** A copy of the event data. */
  public byte[] data() {
    return data.clone();
  }

  /** Bytes of event data. */
  public int size() {
    return data.length;
  }

  /** The name beside the data, or nothing. */
  public String name() {
    return name;
  }

  /** Whether the event extended a register: all but EV_NO_ACTION did. */
  public boolean extendsRegister() {
    return !type.equals(EventType.NO_ACTION);
  }

  /** The register's name, or the index that names none. */
  public String registerLabel() {
    return register().map(Enum::name).orElse("MR index " + mrIndex);
  }

  /** Whether type, register, digests, data and name are the same; the number may differ. */
  public boolean sameAs(LogEvent other) {
    return mrIndex == other.mrIndex
        && type.equals(other.type)
        && digests.equals(other.digests)
        && Arrays.equals(data, other.data)
        && name.equals(other.name);
  }

  @Override
  public String toString() {
    return "event " + number + " " + registerLabel() + " " + type.label();
  }
}
