package org.swtdx.attestation.tdvf;

/**
 * One section of TDVF metadata.
 *
 * @param index position in the metadata, from 0
 * @param type what the section is for
 * @param dataOffset offset of its contents in the image, in bytes
 * @param rawSize bytes of contents in the image, at most {@code memorySize}
 * @param gpa guest physical address, 4 KiB aligned
 * @param memorySize bytes in guest memory, a multiple of 4 KiB
 * @param attributes bit 0: extend the measurement with the contents; bit 1: the pages are added
 *     after the measurement is final
 */
public record TdvfSection(
    int index,
    SectionType type,
    long dataOffset,
    long rawSize,
    long gpa,
    long memorySize,
    int attributes) {
  /** Bytes of a guest page. */
  public static final int PAGE_BYTES = 4096;

  /** Attribute bit 0: the contents are measured with TDH.MR.EXTEND. */
  public static final int ATTRIBUTE_MR_EXTEND = 1;

  /** Attribute bit 1: pages come with TDH.MEM.PAGE.AUG, so neither added nor measured at build. */
  public static final int ATTRIBUTE_PAGE_AUG = 2;

  /** Whether the contents extend the measurement. */
  public boolean measured() {
    return (attributes & ATTRIBUTE_MR_EXTEND) != 0 && !augmented();
  }

  /** Whether the pages are left to be added dynamically. */
  public boolean augmented() {
    return (attributes & ATTRIBUTE_PAGE_AUG) != 0;
  }

  /** Number of 4 KiB pages in guest memory. */
  public long pages() {
    return memorySize / PAGE_BYTES;
  }

  /** First guest address after the section. */
  public long end() {
    return gpa + memorySize;
  }

  /** The section's name for messages, for example {@code section 0 (BFV)}. */
  public String describe() {
    return "section " + index + " (" + type.label() + ")";
  }
}
