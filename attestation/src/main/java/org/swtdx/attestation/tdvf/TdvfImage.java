package org.swtdx.attestation.tdvf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.swtdx.attestation.tdvf.TdvfException.Problem;

/**
 * A firmware image with TDX metadata (TDX Virtual Firmware Design Guide, chapter "TDVF metadata").
 * Immutable.
 */
public final class TdvfImage {
  /** Largest image that fits between the local APIC's page and 4 GiB, in bytes. */
  public static final int MAX_BYTES = 16 << 20;

  /** How the metadata was found. */
  public enum Locator {
    /** Through the entry in OVMF's GUIDed table. */
    GUIDED_TABLE,
    /** Through the older 32-bit offset 32 bytes before the end of the image. */
    FIXED_OFFSET
  }

  private static final UUID METADATA_OFFSET =
      UUID.fromString("e47a6535-984a-4798-865e-4685a7bf8ec2");
  private static final int SIGNATURE = 0x46564454; // "TDVF" in little-endian order
  private static final int HEADER_BYTES = 16;
  private static final int ENTRY_BYTES = 32;
  private static final String REBUILD = "rebuild the firmware or get an intact copy";

  private final byte[] bytes;
  private final Locator locator;
  private final int metadataOffset;
  private final List<TdvfSection> sections;

  private TdvfImage(byte[] bytes, Locator locator, int metadataOffset, List<TdvfSection> sections) {
    this.bytes = bytes;
    this.locator = locator;
    this.metadataOffset = metadataOffset;
    this.sections = sections;
  }

  /**
   * Finds and checks the metadata of an image.
   *
   * <p>Contents that the metadata places behind the end of the image do not fail here, because an
   * image split into code and variables can still be measured; see {@link #requireComplete}.
   *
   * @param image the whole file; copied
   * @return the image with its sections
   * @throws TdvfException if there is no metadata or it is inconsistent
   */
  public static TdvfImage parse(byte[] image) throws TdvfException {
    if (image.length > MAX_BYTES) {
      throw new TdvfException(
          Problem.TOO_LARGE,
          "firmware image is " + image.length + " bytes, above the 16 MiB that fit below 4 GiB",
          "use a smaller image");
    }
    if (image.length < GuidedTable.FOOTER_DISTANCE + HEADER_BYTES) {
      throw new TdvfException(
          Problem.TRUNCATED, "firmware image has only " + image.length + " bytes", REBUILD);
    }
    byte[] copy = image.clone();
    byte[] entry = GuidedTable.read(copy).get(METADATA_OFFSET);
    ByteBuffer buffer = ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN);
    Locator locator = entry == null ? Locator.FIXED_OFFSET : Locator.GUIDED_TABLE;
    int offset = entry == null ? fixedOffset(buffer) : guidedOffset(entry, buffer);
    List<TdvfSection> sections = MetadataChecks.check(readSections(buffer, offset));
    return new TdvfImage(copy, locator, offset, sections);
  }

  private static int guidedOffset(byte[] entry, ByteBuffer image) throws TdvfException {
    if (entry.length < 4) {
      throw new TdvfException(
          Problem.BROKEN_METADATA, "TDX metadata offset entry is too short", REBUILD);
    }
    long fromEnd =
        Integer.toUnsignedLong(
            ByteBuffer.wrap(entry).order(ByteOrder.LITTLE_ENDIAN).getInt(entry.length - 4));
    if (fromEnd < HEADER_BYTES || fromEnd > image.capacity()) {
      throw new TdvfException(
          Problem.BROKEN_METADATA,
          "TDX metadata offset 0x" + Long.toHexString(fromEnd) + " points outside the image",
          REBUILD);
    }
    int offset = image.capacity() - (int) fromEnd;
    if (image.getInt(offset) != SIGNATURE) {
      throw new TdvfException(
          Problem.BROKEN_METADATA,
          "no TDVF signature at offset 0x" + Integer.toHexString(offset),
          REBUILD);
    }
    return offset;
  }

  private static int fixedOffset(ByteBuffer image) throws TdvfException {
    long fromEnd =
        Integer.toUnsignedLong(image.getInt(image.capacity() - GuidedTable.FOOTER_DISTANCE));
    if (fromEnd >= HEADER_BYTES && fromEnd <= image.capacity()) {
      int offset = image.capacity() - (int) fromEnd;
      if (image.getInt(offset) == SIGNATURE) {
        return offset;
      }
    }
    throw new TdvfException(
        Problem.NO_TDX_METADATA,
        "firmware image has no TDX metadata",
        "use a build with TDX support, such as /usr/share/ovmf/OVMF.fd of Debian's package ovmf");
  }

  private static List<RawSection> readSections(ByteBuffer image, int offset) throws TdvfException {
    long length = Integer.toUnsignedLong(image.getInt(offset + 4));
    int version = image.getInt(offset + 8);
    long count = Integer.toUnsignedLong(image.getInt(offset + 12));
    if (version != 1) {
      throw new TdvfException(
          Problem.BROKEN_METADATA,
          "TDVF metadata has version " + Integer.toUnsignedString(version) + ", expected 1",
          "use firmware that follows the TDVF Design Guide");
    }
    if (length != HEADER_BYTES + ENTRY_BYTES * count) {
      throw new TdvfException(
          Problem.BROKEN_METADATA,
          "TDVF metadata length " + length + " does not match " + count + " sections",
          REBUILD);
    }
    if (offset + length > image.capacity()) {
      throw new TdvfException(
          Problem.TRUNCATED, "TDVF metadata runs past the end of the image", REBUILD);
    }
    List<RawSection> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sections.add(RawSection.read(image, offset + HEADER_BYTES + i * ENTRY_BYTES, i));
    }
    return sections;
  }

  /** The sections, in the order of the metadata, which is the order of the build. */
  public List<TdvfSection> sections() {
    return sections;
  }

  /** How the metadata was found. */
  public Locator locator() {
    return locator;
  }

  /** Offset of the metadata's signature in the image, in bytes. */
  public int metadataOffset() {
    return metadataOffset;
  }

  /** Size of the image in bytes. */
  public int size() {
    return bytes.length;
  }

  /** Returns a copy of the image. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The section that takes the hand-off block list. */
  public TdvfSection tdHob() {
    for (TdvfSection section : sections) {
      if (section.type() == SectionType.TD_HOB) {
        return section;
      }
    }
    throw new IllegalStateException("a parsed image has a TD_HOB section");
  }

  /**
   * Copies one page of a section as it enters guest memory: contents of the image, then zeros.
   *
   * @param section a section of this image
   * @param page index of the page in the section
   * @param target where to, at least {@code at + 4096} bytes
   * @param at first index written
   */
  public void copyPage(TdvfSection section, long page, byte[] target, int at) {
    long inSection = page * TdvfSection.PAGE_BYTES;
    long from = section.dataOffset() + inSection;
    long present = Math.min(section.rawSize() - inSection, bytes.length - from);
    int length = Math.clamp(present, 0, TdvfSection.PAGE_BYTES);
    if (length > 0) {
      System.arraycopy(bytes, (int) from, target, at, length);
    }
    java.util.Arrays.fill(target, at + length, at + TdvfSection.PAGE_BYTES, (byte) 0);
  }

  /** Remarks, one line each, on what is unusual though measurable; empty for an ordinary image. */
  public List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    for (TdvfSection section : sections) {
      if (runsPastEnd(section)) {
        remarks.add(
            pastEnd(section) + ": the missing part counts as zeros, and the image can't be run");
      }
      if (section.type() == SectionType.TD_HOB && section.measured()) {
        remarks.add(
            section.describe()
                + " is measured: a launch with another memory size has another measurement");
      }
    }
    return remarks;
  }

  /**
   * Checks that the image holds all contents its metadata names.
   *
   * @throws TdvfException if a section's contents run past the end of the image
   */
  public void requireComplete() throws TdvfException {
    for (TdvfSection section : sections) {
      if (runsPastEnd(section)) {
        throw new TdvfException(
            Problem.TRUNCATED,
            pastEnd(section),
            "use the complete image: the variable store (VARS) followed by the code (CODE)");
      }
    }
  }

  private boolean runsPastEnd(TdvfSection section) {
    return section.rawSize() > 0 && section.dataOffset() + section.rawSize() > bytes.length;
  }

  private String pastEnd(TdvfSection section) {
    return section.describe()
        + " needs bytes up to 0x"
        + Long.toHexString(section.dataOffset() + section.rawSize())
        + " but the image ends at 0x"
        + Integer.toHexString(bytes.length);
  }

  /**
   * Checks that every section lies inside one of the machine's private memory ranges.
   *
   * @param ranges {@code start, end} of each range, in bytes, ends exclusive
   * @throws TdvfException naming the first section outside
   */
  public void requireInside(Map<Long, Long> ranges) throws TdvfException {
    for (TdvfSection section : sections) {
      boolean inside =
          section.memorySize() == 0
              || ranges.entrySet().stream()
                  .anyMatch(r -> section.gpa() >= r.getKey() && section.end() <= r.getValue());
      if (!inside) {
        throw new TdvfException(
            Problem.OUTSIDE_RAM,
            "%s at 0x%x..0x%x lies outside the machine's memory"
                .formatted(section.describe(), section.gpa(), section.end()),
            "give the machine more memory or use firmware built for this layout");
      }
    }
  }

  /** A section as it stands in the image, before any check. */
  record RawSection(
      int index,
      long dataOffset,
      long rawSize,
      long gpa,
      long memorySize,
      int type,
      int attributes) {
    static RawSection read(ByteBuffer image, int at, int index) {
      return new RawSection(
          index,
          Integer.toUnsignedLong(image.getInt(at)),
          Integer.toUnsignedLong(image.getInt(at + 4)),
          image.getLong(at + 8),
          image.getLong(at + 16),
          image.getInt(at + 24),
          image.getInt(at + 28));
    }
  }
}
