package org.swtdx.attestation.predict;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;

/** QEMU's ACPI linker and loader scripts: commands of 128 bytes, padded with zeros. */
final class TableLoaderScript {
  private static final int COMMAND_BYTES = 128;
  private static final int NAME_BYTES = 56;
  private static final int ALLOCATE = 1;

  private TableLoaderScript() {}

  /** The files that a script has firmware allocate and so measure, in its order. */
  static List<String> allocated(byte[] script) throws PredictionException {
    if (script.length % COMMAND_BYTES != 0) {
      throw new PredictionException(
          "the ACPI loader script has " + script.length + " bytes, not a multiple of 128",
          "pass in the whole of etc/table-loader");
    }
    List<String> names = new ArrayList<>();
    try {
      Cursor cursor = new Cursor(script);
      while (cursor.remaining() > 0) {
        int command = cursor.i32("a command");
        String name = new String(cursor.bytes(NAME_BYTES, "a name"), US_ASCII);
        cursor.skip(COMMAND_BYTES - 4 - NAME_BYTES, "a command");
        if (command == ALLOCATE) {
          int nul = name.indexOf(0);
          names.add(nul < 0 ? name : name.substring(0, nul));
        }
      }
    } catch (ShortDataException e) {
      throw new IllegalStateException("the script is whole", e);
    }
    return names;
  }
}
