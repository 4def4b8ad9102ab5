package org.swtdx.attestation.eventlog;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.EventDetail.Variable;
import org.swtdx.attestation.text.Printable;

/** UEFI_VARIABLE_DATA, and what is in the variables that matter for a boot. */
final class VariableDecoder {
  private static final Set<String> SIGNATURE_DATABASES =
      Set.of("PK", "KEK", "db", "dbx", "dbt", "dbr", "MokListRT", "MokListXRT");
  private static final UUID X509 = UUID.fromString("a5c059a1-94e4-4aa7-87b5-ab155c2bf072");
  private static final UUID SHA256 = UUID.fromString("c1c41626-504c-4092-aca9-41f936934328");
  private static final int OWNER_BYTES = 16;
  private static final int SHA256_ENTRY = OWNER_BYTES + 32;
  private static final int LIST_HEADER = 28;

  /** A variable's parts. */
  static final class Parts {
    private final UUID guid;
    private final String name;
    private final byte[] contents;

    private Parts(UUID guid, String name, byte[] contents) {
      this.guid = guid;
      this.name = name;
      this.contents = contents;
    }

    UUID guid() {
      return guid;
    }

    String name() {
      return name;
    }

    byte[] contents() {
      return contents;
    }
  }

  private VariableDecoder() {}

  static Parts parts(byte[] data) throws ShortDataException {
    Cursor cursor = new Cursor(data);
    UUID guid = cursor.guid("a variable's GUID");
    long nameUnits = cursor.u64("a variable's name length");
    long size = cursor.u64("a variable's size");
    if (nameUnits < 0 || nameUnits > data.length || size < 0) {
      throw new ShortDataException("a variable's name or size exceeds the event");
    }
    String name = cursor.utf16(nameUnits, "a variable's name");
    byte[] contents = cursor.bytes(size, "a variable's contents");
    if (cursor.remaining() != 0) {
      throw new ShortDataException(cursor.remaining() + " bytes follow the variable");
    }
    return new Parts(guid, name, contents);
  }

  static EventDetail decode(byte[] data) throws ShortDataException {
    Parts parts = parts(data);
    return new Variable(
        parts.guid(), Printable.clean(parts.name()), parts.contents().length, contents(parts));
  }

  private static String contents(Parts parts) {
    byte[] contents = parts.contents();
    String name = parts.name();
    if (contents.length == 0) {
      return "not set";
    }
    try {
      if (name.equals("SecureBoot") && contents.length == 1) {
        return contents[0] == 1 ? "on" : contents[0] == 0 ? "off" : "value " + contents[0];
      }
      if (name.equals("BootOrder") || name.equals("DriverOrder")) {
        return order(contents);
      }
      if (name.matches("(Boot|Driver)[0-9A-Fa-f]{4}")) {
        return loadOption(contents);
      }
      if (SIGNATURE_DATABASES.contains(name)) {
        return database(contents);
      }
    } catch (ShortDataException e) {
      return "malformed (" + e.getMessage() + ")";
    }
    return EventDecoder.preview(contents);
  }

  private static String order(byte[] contents) throws ShortDataException {
    Cursor cursor = new Cursor(contents);
    List<String> entries = new ArrayList<>();
    while (cursor.remaining() > 0) {
      entries.add("%04X".formatted(cursor.u16("a boot entry")));
    }
    return String.join(", ", entries);
  }

  /** EFI_LOAD_OPTION: attributes, length of the path, description, path, optional data. */
  private static String loadOption(byte[] contents) throws ShortDataException {
    Cursor cursor = new Cursor(contents);
    long attributes = cursor.u32("a load option's attributes");
    int pathBytes = cursor.u16("a load option's path length");
    StringBuilder description = new StringBuilder();
    for (int unit = cursor.u16("a description"); unit != 0; unit = cursor.u16("a description")) {
      description.append((char) unit);
    }
    String path = DevicePath.text(cursor.bytes(pathBytes, "a load option's path"));
    return "'%s' %s%s"
        .formatted(
            Printable.clean(description.toString()),
            path,
            (attributes & 1) == 0 ? " (not active)" : "");
  }

  /** EFI_SIGNATURE_LISTs, or a single EFI_SIGNATURE_DATA as in EV_EFI_VARIABLE_AUTHORITY. */
  private static String database(byte[] contents) throws ShortDataException {
    Map<String, Integer> found = new LinkedHashMap<>();
    Cursor cursor = new Cursor(contents);
    if (contents.length > OWNER_BYTES + 1 && contents[OWNER_BYTES] == 0x30) {
      cursor.skip(OWNER_BYTES, "an owner");
      return "vouched by " + subject(cursor.rest());
    }
    while (cursor.remaining() > 0) {
      UUID type = cursor.guid("a signature list's type");
      long size = cursor.u32("a signature list's size");
      long headerSize = cursor.u32("a signature list's header size");
      long entry = cursor.u32("a signature's size");
      long body = size - LIST_HEADER - headerSize;
      if (entry <= OWNER_BYTES || body < 0 || body > cursor.remaining()) {
        throw new ShortDataException("a signature list's sizes contradict each other");
      }
      cursor.skip(headerSize, "a signature list's header");
      for (long i = 0; i < body / entry; i++) {
        cursor.skip(OWNER_BYTES, "an owner");
        byte[] signature = cursor.bytes(entry - OWNER_BYTES, "a signature");
        found.merge(describe(type, entry, signature), 1, Integer::sum);
      }
      cursor.skip(body % entry, "a signature list");
    }
    List<String> texts = new ArrayList<>();
    found.forEach((what, count) -> texts.add(count == 1 ? what : count + " × " + what));
    return String.join("; ", texts);
  }

  private static String describe(UUID type, long entry, byte[] signature) {
    if (type.equals(X509)) {
      return subject(signature);
    }
    return type.equals(SHA256) && entry == SHA256_ENTRY ? "SHA-256 hash" : "signature " + type;
  }

  private static String subject(byte[] certificate) {
    try {
      X509Certificate parsed =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(certificate));
      return Printable.clean(parsed.getSubjectX500Principal().getName());
    } catch (CertificateException e) {
      return "a certificate that can't be read";
    }
  }
}
