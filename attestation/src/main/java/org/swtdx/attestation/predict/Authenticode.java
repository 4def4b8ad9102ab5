package org.swtdx.attestation.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.swtdx.attestation.bytes.Cursor;
import org.swtdx.attestation.bytes.Cursor.ShortDataException;
import org.swtdx.attestation.eventlog.Sha384;

/**
 * The hash of a PE image that firmware measures: all but the checksum, the directory entry of the
 * certificate table, and the certificates (Microsoft, "Windows Authenticode Portable Executable
 * Signature Format").
 */
public final class Authenticode {
  private static final int PE_OFFSET_AT = 0x3c;
  private static final int PE_SIGNATURE = 0x4550;
  private static final int COFF_BYTES = 20;
  private static final int SECTION_BYTES = 40;
  private static final int CHECKSUM_AT = 64;
  private static final int PE32_PLUS = 0x20b;
  private static final int PE32 = 0x10b;
  private static final int CERTIFICATE_DIRECTORY = 4;
  private static final String REMEDY = "use an intact UEFI image";

  private Authenticode() {}

  /**
   * Hashes an image.
   *
   * @param image the whole file
   * @return the SHA-384 hash, 96 hexadecimal digits
   * @throws PredictionException if it is no PE image
   */
  public static String sha384(byte[] image) throws PredictionException {
    try {
      return hash(image);
    } catch (ShortDataException e) {
      throw new PredictionException("the PE image is cut off: " + e.getMessage(), REMEDY);
    }
  }

  private static String hash(byte[] image) throws ShortDataException, PredictionException {
    Cursor dos = new Cursor(image);
    dos.skip(PE_OFFSET_AT, "the DOS header");
    long pe = dos.u32("the PE offset");
    Cursor header = new Cursor(image);
    header.skip(pe, "the PE header");
    if (header.u32("the PE signature") != PE_SIGNATURE) {
      throw new PredictionException("the image has no PE signature", REMEDY);
    }
    header.skip(2, "the machine");
    int sections = header.u16("the number of sections");
    header.skip(12, "the COFF header");
    int optionalBytes = header.u16("the optional header's size");
    header.skip(2, "the characteristics");
    int optional = header.position();
    int magic = header.u16("the magic number");
    if (magic != PE32 && magic != PE32_PLUS) {
      throw new PredictionException("the image is neither PE32 nor PE32+", REMEDY);
    }
    int directories = optional + (magic == PE32_PLUS ? 112 : 96);
    long headerBytes = at(image, optional + 60L);
    long count = at(image, directories - 4L);
    boolean certificates = count > CERTIFICATE_DIRECTORY;
    int directory = directories + 8 * CERTIFICATE_DIRECTORY;
    long certificateBytes = certificates ? at(image, directory + 4L) : 0;

    List<byte[]> parts = new ArrayList<>();
    int checksum = optional + CHECKSUM_AT;
    parts.add(range(image, 0, checksum));
    if (certificates) {
      parts.add(range(image, checksum + 4L, directory));
      parts.add(range(image, directory + 8L, headerBytes));
    } else {
      parts.add(range(image, checksum + 4L, headerBytes));
    }
    long hashed = headerBytes + sections(image, optional + (long) optionalBytes, sections, parts);
    if (image.length > hashed + certificateBytes) {
      parts.add(range(image, hashed, image.length - certificateBytes));
    }
    return Sha384.hex(parts.toArray(byte[][]::new));
  }

  /** Adds the sections in the order of their place in the file; returns their bytes. */
  private static long sections(byte[] image, long table, int count, List<byte[]> parts)
      throws ShortDataException {
    record Section(long at, long bytes) {}

    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long bytes = at(image, table + (long) i * SECTION_BYTES + 16);
      long at = at(image, table + (long) i * SECTION_BYTES + COFF_BYTES);
      if (bytes != 0) {
        sections.add(new Section(at, bytes));
      }
    }
    sections.sort(Comparator.comparingLong(Section::at));
    long total = 0;
    for (Section section : sections) {
      parts.add(range(image, section.at(), section.at() + section.bytes()));
      total += section.bytes();
    }
    return total;
  }

  private static long at(byte[] image, long offset) throws ShortDataException {
    Cursor cursor = new Cursor(image);
    cursor.skip(offset, "a field");
    return cursor.u32("a field");
  }

  private static byte[] range(byte[] image, long from, long to) throws ShortDataException {
    if (from < 0 || to < from || to > image.length) {
      throw new ShortDataException("bytes 0x%x to 0x%x of 0x%x".formatted(from, to, image.length));
    }
    return Arrays.copyOfRange(image, (int) from, (int) to);
  }
}
