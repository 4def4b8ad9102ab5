package org.swtdx.attestation.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;

/**
 * The variables in a configuration firmware volume: a volume header, the header of an authenticated
 * variable store, and variables with headers of 60 bytes, 4-byte aligned.
 */
final class VariableStore {
  /** Vendor GUID of the variables that UEFI defines. */
  static final UUID GLOBAL = UUID.fromString("8be4df61-93ca-11d2-aa0d-00e098032b8c");

  /** Vendor GUID of db, dbx and dbt. */
  static final UUID IMAGE_SECURITY = UUID.fromString("d719b2cb-3d3a-4596-a3bc-dad00e67656f");

  private static final UUID AUTHENTICATED = UUID.fromString("aaf32c78-947b-439a-a180-2e144ec37792");
  private static final int HEADER_LENGTH_AT = 48;
  private static final int START = 0x55aa;
  private static final int ADDED = 0x3f;
  private static final int BEING_REPLACED = 0x3e;

  private record Key(UUID vendor, String name) {}

  private final Map<Key, byte[]> variables = new LinkedHashMap<>();

  private VariableStore() {}

  /** Reads a volume's variables; none if it isn't a store or ends early. */
  static VariableStore of(byte[] volume) {
    VariableStore store = new VariableStore();
    try {
      Cursor header = new Cursor(volume);
      header.skip(HEADER_LENGTH_AT, "the volume's header");
      int from = header.u16("the volume's header length");
      Cursor cursor = new Cursor(volume, Math.min(from, volume.length), volume.length);
      if (cursor.guid("the store's format").equals(AUTHENTICATED)) {
        long size = cursor.u32("the store's size");
        cursor.skip(8, "the store's state");
        store.read(volume, cursor.position(), (int) Math.min(from + size, volume.length));
      }
    } catch (ShortDataException e) {
      // variables up to there
    }
    return store;
  }

  private void read(byte[] volume, int from, int to) throws ShortDataException {
    int at = from;
    while (at + 60 <= to) {
      Cursor cursor = new Cursor(volume, at, to);
      if (cursor.u16("a variable's start") != START) {
        return;
      }
      int state = cursor.u8("a variable's state");
      cursor.skip(1 + 4 + 8 + 16 + 4, "a variable's header");
      long nameBytes = cursor.u32("a variable's name length");
      long dataBytes = cursor.u32("a variable's size");
      UUID vendor = cursor.guid("a variable's vendor");
      String name = cursor.utf16(nameBytes / 2, "a variable's name");
      byte[] data = cursor.bytes(dataBytes, "a variable's contents");
      Key key = new Key(vendor, name);
      if (state == ADDED || state == BEING_REPLACED && !variables.containsKey(key)) {
        variables.put(key, data);
      }
      at = (cursor.position() + 3) & -4;
    }
  }

  /** The contents of a variable. */
  Optional<byte[]> variable(UUID vendor, String name) {
    return Optional.ofNullable(variables.get(new Key(vendor, name))).map(byte[]::clone);
  }
}
