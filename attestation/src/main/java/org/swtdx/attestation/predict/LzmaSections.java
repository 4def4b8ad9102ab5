package org.swtdx.attestation.predict;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.UUID;
import org.tukaani.xz.LZMAInputStream;

/** Unpacks sections compressed with LZMA, and no more bytes than firmware can have. */
final class LzmaSections {
  /** The GUID of sections that hold an LZMA stream. */
  static final UUID LZMA = UUID.fromString("ee4e5898-3914-4259-9d6e-dc7bd79403cf");

  private static final int MOST_BYTES = 64 << 20;
  private static final int MOST_MEMORY_KIB = 96 << 10;

  private int left = MOST_BYTES;

  /** The bytes of a section; none if it is of another kind, damaged, or too large. */
  byte[] unpack(UUID kind, byte[] bytes, int from, int to) {
    if (!kind.equals(LZMA)) {
      return new byte[0];
    }
    try (LZMAInputStream stream =
        new LZMAInputStream(new ByteArrayInputStream(bytes, from, to - from), MOST_MEMORY_KIB)) {
      byte[] plain = stream.readNBytes(left);
      left -= plain.length;
      return plain;
    } catch (IOException e) {
      return new byte[0];
    }
  }
}
