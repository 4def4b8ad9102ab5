package org.swtdx.cpu;

import org.swtdx.cpu.seam.ReportKey;

/**
 * EVERIFYREPORT2: tells whether a report was made on this platform. It is what a quoting enclave
 * asks before it signs; nothing here can make a report.
 */
public final class ReportMac {
  private final ReportKey key;

  ReportMac(ReportKey key) {
    this.key = key;
  }

  /**
   * Returns whether {@code reportMacStruct} carries a valid MAC of this platform.
   *
   * @param reportMacStruct a REPORTMACSTRUCT of 256 bytes; a whole TDREPORT, which begins with one,
   *     may be passed as well
   */
  public boolean verify(byte[] reportMacStruct) {
    return reportMacStruct.length >= ReportKey.STRUCT_SIZE && key.verify(reportMacStruct);
  }
}
