package org.swtdx.attestation.eventlog;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.EventLogException.Problem;
import org.swtdx.attestation.text.Printable;

/**
 * The ACPI table that says where the event log is (ACPI 6.5, "CC Event Log ACPI Table").
 *
 * @param revision the table's revision
 * @param oemId the six characters of OEMID, without trailing spaces
 * @param oemTableId the eight characters of OEM Table ID, without trailing spaces
 * @param ccType 2 for Intel TDX, 1 for AMD SEV
 * @param ccSubtype the subtype, 0
 * @param logAreaBytes bytes of the log area (LAML)
 * @param logAreaAddress guest physical address of the log area (LASA)
 * @param checksumHolds whether all bytes of the table add up to zero
 */
public record CcelTable(
    int revision,
    String oemId,
    String oemTableId,
    int ccType,
    int ccSubtype,
    long logAreaBytes,
    long logAreaAddress,
    boolean checksumHolds) {
  /** Bytes of the table. */
  public static final int BYTES = 56;

  /** The CC type of Intel TDX. */
  public static final int TYPE_TDX = 2;

  private static final String SIGNATURE = "CCEL";
  private static final int TABLE_ID_AND_VERSIONS = 20;
  private static final String REMEDY = "name /sys/firmware/acpi/tables/CCEL";

  /** Whether the bytes are such a table by their signature. */
  public static boolean looksLike(byte[] bytes) {
    return bytes.length >= 4
        && bytes.length <= BYTES
        && SIGNATURE.equals(new String(bytes, 0, 4, US_ASCII));
  }

  /**
   * Parses a table.
   *
   * @param bytes the whole table
   * @throws EventLogException if it isn't one, or its length is not 56
   */
  public static CcelTable parse(byte[] bytes) throws EventLogException {
    try {
      Cursor cursor = new Cursor(bytes);
      if (!SIGNATURE.equals(ascii(cursor, 4))) {
        throw new EventLogException(
            Problem.NOT_A_LOG, "the table doesn't begin with 'CCEL'", REMEDY);
      }
      long length = cursor.u32("the length");
      if (length != BYTES || bytes.length != BYTES) {
        throw new EventLogException(
            Problem.BAD_LENGTH,
            "the CCEL table has %d bytes and states %d, expected %d"
                .formatted(bytes.length, length, BYTES),
            REMEDY);
      }
      int revision = cursor.u8("the revision");
      cursor.skip(1, "the checksum");
      String oemId = ascii(cursor, 6);
      String oemTableId = ascii(cursor, 8);
      cursor.skip(TABLE_ID_AND_VERSIONS - 8, "revision and creator");
      int type = cursor.u8("the CC type");
      int subtype = cursor.u8("the CC subtype");
      cursor.skip(2, "the reserved field");
      long laml = cursor.u64("LAML");
      long lasa = cursor.u64("LASA");
      return new CcelTable(
          revision, oemId, oemTableId, type, subtype, laml, lasa, checksum(bytes) == 0);
    } catch (ShortDataException e) {
      throw new EventLogException(
          Problem.TRUNCATED, "the CCEL table is cut off: " + e.getMessage(), REMEDY);
    }
  }

  private static String ascii(Cursor cursor, int count) throws ShortDataException {
    return Printable.clean(new String(cursor.bytes(count, "text"), US_ASCII).stripTrailing());
  }

  private static int checksum(byte[] bytes) {
    int sum = 0;
    for (byte b : bytes) {
      sum += b;
    }
    return sum & 0xff;
  }
}
