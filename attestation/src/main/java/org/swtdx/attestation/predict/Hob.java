package org.swtdx.attestation.predict;

import java.util.Arrays;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;

/** Hand-off block lists (UEFI Platform Initialization specification, volume 3). */
final class Hob {
  private static final int END_OF_LIST = 0xffff;
  private static final int HEADER_BYTES = 8;

  private Hob() {}

  /** The part of a list that firmware measures: all up to the block that ends it. */
  static byte[] measured(byte[] list) throws PredictionException {
    int at = 0;
    try {
      while (true) {
        Cursor cursor = new Cursor(list, at, list.length);
        int type = cursor.u16("a block's type");
        int length = cursor.u16("a block's length");
        if (type == END_OF_LIST) {
          return Arrays.copyOf(list, at);
        }
        if (length < HEADER_BYTES || length > list.length - at) {
          throw new ShortDataException("block of " + length + " bytes at " + at);
        }
        at += length;
      }
    } catch (ShortDataException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new PredictionException(
          "the hand-off block list has no end: " + e.getMessage(),
          "pass in the whole list as the VMM writes it");
    }
  }
}
