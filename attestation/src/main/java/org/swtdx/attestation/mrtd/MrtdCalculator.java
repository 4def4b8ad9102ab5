package org.swtdx.attestation.mrtd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.swtdx.attestation.tdvf.TdvfSection.PAGE_BYTES;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.mrtd.MrtdReport.SectionMeasurement;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;

/**
 * Computes MRTD as the TDX module does: SHA-384 over one 128-byte record per TDH.MEM.PAGE.ADD, and
 * per TDH.MR.EXTEND one 128-byte record and the 256 bytes it names (TDX Module base specification,
 * "Measurement and attestation").
 */
public final class MrtdCalculator {
  private static final int RECORD_BYTES = 128;
  private static final int CHUNK_BYTES = 256;
  private static final int GPA_OFFSET = 16;
  private static final int CHUNKS = PAGE_BYTES / CHUNK_BYTES;
  private static final int EXTEND_BYTES = CHUNKS * (RECORD_BYTES + CHUNK_BYTES);
  private static final byte[] PAGE_ADD = "MEM.PAGE.ADD".getBytes(US_ASCII);
  private static final byte[] EXTEND = "MR.EXTEND".getBytes(US_ASCII);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final TdvfImage image;
  private final MeasurementOrder order;
  private final boolean all;
  private final MessageDigest digest = sha384();
  private final byte[] page = new byte[PAGE_BYTES];

  /** One page's records: PAGE.ADD first, then sixteen times EXTEND with its chunk. */
  private final byte[] records = new byte[RECORD_BYTES + EXTEND_BYTES];

  private long bytesHashed;

  private MrtdCalculator(TdvfImage image, MeasurementOrder order, boolean all) {
    this.image = image;
    this.order = order;
    this.all = all;
    System.arraycopy(PAGE_ADD, 0, records, 0, PAGE_ADD.length);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      System.arraycopy(EXTEND, 0, records, extendAt(chunk), EXTEND.length);
    }
  }

  /**
   * Predicts the MRTD of an image.
   *
   * @param image the firmware
   * @param order the order in which the VMM builds
   * @return the 48 bytes
   */
  public static byte[] mrtd(TdvfImage image, MeasurementOrder order) {
    return mrtd(image, order, false);
  }

  /** As {@link #mrtd(TdvfImage, MeasurementOrder)}, measuring every section's contents. */
  static byte[] mrtd(TdvfImage image, MeasurementOrder order, boolean all) {
    MrtdCalculator calculator = new MrtdCalculator(image, order, all);
    image.sections().forEach(calculator::addSection);
    return calculator.digest.digest();
  }

  /**
   * Predicts the MRTD of an image and reports each section's part in it.
   *
   * @param image the firmware
   * @param order the order in which the VMM builds
   * @return the measurement, section by section
   */
  public static MrtdReport report(TdvfImage image, MeasurementOrder order) {
    return new MrtdCalculator(image, order, false).run();
  }

  /**
   * Hashes a section's memory contents, padding included, whether or not they enter MRTD.
   *
   * @param image the firmware
   * @param section one of its sections
   * @return SHA-384 in hexadecimal; empty for a section without contents in the image
   */
  public static String contentsSha384(TdvfImage image, TdvfSection section) {
    if (section.rawSize() == 0) {
      return "";
    }
    MessageDigest sha = sha384();
    byte[] page = new byte[PAGE_BYTES];
    for (long i = 0; i < section.pages(); i++) {
      image.copyPage(section, i, page, 0);
      sha.update(page);
    }
    return HexFormat.of().formatHex(sha.digest());
  }

  private MrtdReport run() {
    List<SectionMeasurement> parts = new ArrayList<>();
    for (TdvfSection section : image.sections()) {
      addSection(section);
      long pages = section.augmented() ? 0 : section.pages();
      long chunks = section.measured() ? pages * CHUNKS : 0;
      parts.add(new SectionMeasurement(section, pages, chunks, snapshot()));
    }
    return new MrtdReport(order, parts, bytesHashed, HexFormat.of().formatHex(digest.digest()));
  }

  private void addSection(TdvfSection section) {
    long pages = section.augmented() ? 0 : section.pages();
    boolean measured = section.measured() || all && !section.augmented();
    boolean together = measured && order == MeasurementOrder.KVM;
    for (long i = 0; i < pages; i++) {
      hash(section, i, 0, together ? records.length : RECORD_BYTES);
    }
    if (measured && !together) {
      for (long i = 0; i < pages; i++) {
        hash(section, i, RECORD_BYTES, EXTEND_BYTES);
      }
    }
  }

  private void hash(TdvfSection section, long index, int from, int length) {
    long gpa = section.gpa() + index * PAGE_BYTES;
    LONG.set(records, GPA_OFFSET, gpa);
    if (from + length > RECORD_BYTES) {
      image.copyPage(section, index, page, 0);
      for (int chunk = 0; chunk < CHUNKS; chunk++) {
        int at = extendAt(chunk);
        LONG.set(records, at + GPA_OFFSET, gpa + (long) chunk * CHUNK_BYTES);
        System.arraycopy(page, chunk * CHUNK_BYTES, records, at + RECORD_BYTES, CHUNK_BYTES);
      }
    }
    digest.update(records, from, length);
    bytesHashed += length;
  }

  private static int extendAt(int chunk) {
    return RECORD_BYTES + chunk * (RECORD_BYTES + CHUNK_BYTES);
  }

  private String snapshot() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-384 can't be cloned", e);
    }
  }

  private static MessageDigest sha384() {
    try {
      return MessageDigest.getInstance("SHA-384");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-384", e);
    }
  }
}
