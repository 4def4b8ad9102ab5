package org.swtdx.attestation.predict;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.eventlog.EventDigest;
import org.swtdx.attestation.eventlog.EventType;
import org.swtdx.attestation.eventlog.HashAlgorithm;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Sha384;

/** Collects the events of a predicted boot. */
final class Measured {
  private final List<LogEvent> events = new ArrayList<>();

  /** The events so far. */
  List<LogEvent> events() {
    return List.copyOf(events);
  }

  void add(MeasurementRegister register, EventType type, byte[] data, byte[] measured) {
    addDigest(register, type, data, Sha384.hex(measured));
  }

  void addDigest(MeasurementRegister register, EventType type, byte[] data, String digest) {
    EventDigest sha384 = new EventDigest(HashAlgorithm.SHA384, digest);
    events.add(new LogEvent(events.size(), register.mrIndex(), type, List.of(sha384), data, ""));
  }

  void separator(MeasurementRegister register) {
    byte[] zero = new byte[4];
    add(register, EventType.SEPARATOR, zero, zero);
  }

  void action(String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    add(MeasurementRegister.RTMR1, EventType.EFI_ACTION, bytes, bytes);
  }

  void acpi(byte[] contents) {
    byte[] data = "ACPI DATA".getBytes(US_ASCII);
    add(MeasurementRegister.RTMR0, EventType.PLATFORM_CONFIG_FLAGS, data, contents);
  }

  /** A variable whose digest covers its name as well. */
  void configuration(UUID vendor, String name, byte[] contents) {
    byte[] data = variable(vendor, name, contents);
    add(MeasurementRegister.RTMR0, EventType.EFI_VARIABLE_DRIVER_CONFIG, data, data);
  }

  /** A boot variable; the digest covers its contents alone. */
  void boot(String name, byte[] contents) {
    byte[] data = variable(VariableStore.GLOBAL, name, contents);
    add(MeasurementRegister.RTMR0, EventType.EFI_VARIABLE_BOOT, data, contents);
  }

  private static byte[] variable(UUID vendor, String name, byte[] contents) {
    return new StructWriter()
        .guid(vendor)
        .u64(name.length())
        .u64(contents.length)
        .utf16(name)
        .bytes(contents)
        .toByteArray();
  }
}
