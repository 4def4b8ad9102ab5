package org.swtdx.tdxmodule.measure;

import org.swtdx.cpu.seam.ReportKey;

/**
 * TDREPORT_STRUCT, 1024 bytes: REPORTMACSTRUCT (256), TEE_TCB_INFO (239), 17 reserved bytes, TDINFO
 * (512). The MAC covers REPORTMACSTRUCT, which holds the hashes of the other two.
 */
public final class TdReport {
  /** Bytes of a report. */
  public static final int SIZE = 1024;

  /** Bytes of the data a guest binds into its report. */
  public static final int REPORT_DATA_SIZE = 64;

  private static final int TYPE = 0;
  private static final byte TYPE_TDX = (byte) 0x81;
  private static final int VERSION = 2;
  private static final int CPUSVN = 16;
  private static final int TEE_TCB_INFO_HASH = 32;
  private static final int TEE_INFO_HASH = 80;
  private static final int REPORT_DATA = 128;
  private static final int TEE_TCB_INFO = 256;
  private static final int TDINFO = 512;

  private TdReport() {}

  /**
   * Builds a report.
   *
   * @param key the platform's report key
   * @param tdInfo encoded TDINFO
   * @param reportData {@link #REPORT_DATA_SIZE} bytes of the guest's own
   * @param serviceTdBound whether SERVTD_HASH is meaningful, which the version byte tells
   */
  public static byte[] build(
      ReportKey key, byte[] tdInfo, byte[] reportData, boolean serviceTdBound) {
    byte[] report = new byte[SIZE];
    byte[] tcb = TeeTcbInfo.encode();
    report[TYPE] = TYPE_TDX;
    report[VERSION] = (byte) (serviceTdBound ? 1 : 0);
    put(report, CPUSVN, key.cpuSvn());
    put(report, TEE_TCB_INFO_HASH, Sha384.of(tcb));
    put(report, TEE_INFO_HASH, Sha384.of(tdInfo));
    put(report, REPORT_DATA, reportData);
    put(report, ReportKey.MAC_OFFSET, key.mac(report));
    put(report, TEE_TCB_INFO, tcb);
    put(report, TDINFO, tdInfo);
    return report;
  }

  /**
   * Returns whether the CPUSVN of a REPORTMACSTRUCT is one that {@code key}'s processor has had.
   */
  public static boolean knownCpuSvn(ReportKey key, byte[] reportMacStruct) {
    byte[] own = key.cpuSvn();
    for (int i = 0; i < own.length; i++) {
      if ((reportMacStruct[CPUSVN + i] & 0xff) > (own[i] & 0xff)) {
        return false;
      }
    }
    return true;
  }

  private static void put(byte[] report, int offset, byte[] value) {
    System.arraycopy(value, 0, report, offset, value.length);
  }
}
