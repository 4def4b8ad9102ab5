package org.swtdx.attestation.report;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/**
 * A TDREPORT_STRUCT of 1024 bytes: REPORTMACSTRUCT, TEE_TCB_INFO, 17 reserved bytes, TDINFO.
 *
 * @param macStruct what the processor authenticated
 * @param tcbInfo the TDX module
 * @param tdInfo the TD
 */
public record TdReport(ReportMacStruct macStruct, TeeTcbInfo tcbInfo, TdInfo tdInfo) {
  /** Size in bytes. */
  public static final int SIZE = 1024;

  private static final int TCB_INFO_OFFSET = 256;
  private static final int TD_INFO_OFFSET = 512;

  /**
   * Takes a report apart without judging it.
   *
   * @throws IllegalArgumentException when {@code report} has not 1024 bytes
   */
  public static TdReport parse(byte[] report) {
    if (report.length != SIZE) {
      throw new IllegalArgumentException("a TDREPORT has 1024 bytes, not " + report.length);
    }
    return new TdReport(
        new ReportMacStruct(Arrays.copyOf(report, ReportMacStruct.SIZE)),
        new TeeTcbInfo(
            Arrays.copyOfRange(report, TCB_INFO_OFFSET, TCB_INFO_OFFSET + TeeTcbInfo.SIZE)),
        new TdInfo(Arrays.copyOfRange(report, TD_INFO_OFFSET, SIZE)));
  }

  /**
   * Composes a report as TDG.MR.REPORT does.
   *
   * @param cpuSvn security version of the processor (16 bytes)
   * @param tcbInfo the TDX module
   * @param tdInfo the TD
   * @param reportData what is bound to the report (64 bytes)
   * @param mac gives the 32-byte MAC of the first 224 bytes
   */
  public static TdReport compose(
      byte[] cpuSvn,
      TeeTcbInfo tcbInfo,
      TdInfo tdInfo,
      byte[] reportData,
      UnaryOperator<byte[]> mac) {
    if (cpuSvn.length != 16 || reportData.length != 64) {
      throw new IllegalArgumentException("CPUSVN has 16 bytes and REPORTDATA 64");
    }
    byte[] struct = new byte[ReportMacStruct.SIZE];
    struct[0] = (byte) ReportMacStruct.TYPE_TDX;
    struct[2] = (byte) (isZero(tdInfo.servTdHash()) ? 0 : 1);
    System.arraycopy(cpuSvn, 0, struct, 16, 16);
    System.arraycopy(tcbInfo.sha384(), 0, struct, 32, 48);
    System.arraycopy(tdInfo.sha384(), 0, struct, 80, 48);
    System.arraycopy(reportData, 0, struct, 128, 64);
    byte[] code = mac.apply(Arrays.copyOf(struct, ReportMacStruct.MAC_OFFSET));
    System.arraycopy(code, 0, struct, ReportMacStruct.MAC_OFFSET, 32);
    return new TdReport(new ReportMacStruct(struct), tcbInfo, tdInfo);
  }

  private static boolean isZero(byte[] bytes) {
    int any = 0;
    for (byte b : bytes) {
      any |= b;
    }
    return any == 0;
  }

  /** Returns the report's 1024 bytes. */
  public byte[] toBytes() {
    byte[] report = new byte[SIZE];
    System.arraycopy(macStruct.toBytes(), 0, report, 0, ReportMacStruct.SIZE);
    System.arraycopy(tcbInfo.toBytes(), 0, report, TCB_INFO_OFFSET, TeeTcbInfo.SIZE);
    System.arraycopy(tdInfo.toBytes(), 0, report, TD_INFO_OFFSET, TdInfo.SIZE);
    return report;
  }

  /** Whether the authenticated hashes are those of TEE_TCB_INFO and TDINFO. */
  public boolean hashesMatch() {
    return Arrays.equals(macStruct.teeTcbInfoHash(), tcbInfo.sha384())
        && Arrays.equals(macStruct.teeInfoHash(), tdInfo.sha384());
  }
}
