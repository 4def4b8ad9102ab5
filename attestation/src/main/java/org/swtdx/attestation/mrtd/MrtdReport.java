package org.swtdx.attestation.mrtd;

import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.tdvf.TdvfSection;

/**
 * A predicted MRTD and how it comes about.
 *
 * @param order the order of adding and measuring
 * @param sections what each section adds, in the order of the build
 * @param bytesHashed bytes that went through SHA-384
 * @param mrtd the 48-byte measurement, in hexadecimal
 */
public record MrtdReport(
    MeasurementOrder order, List<SectionMeasurement> sections, long bytesHashed, String mrtd) {
  /** Copies the list. */
  public MrtdReport {
    sections = List.copyOf(sections);
  }

  /** The measurement as 48 bytes. */
  public byte[] mrtdBytes() {
    return HexFormat.of().parseHex(mrtd);
  }

  /**
   * One section's part.
   *
   * @param section the section
   * @param pagesAdded calls of TDH.MEM.PAGE.ADD
   * @param chunksExtended calls of TDH.MR.EXTEND, 256 bytes each
   * @param mrtdAfter what MRTD would be if the build ended after this section, in hexadecimal
   */
  public record SectionMeasurement(
      TdvfSection section, long pagesAdded, long chunksExtended, String mrtdAfter) {}
}
