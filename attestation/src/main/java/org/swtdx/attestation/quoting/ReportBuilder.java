package org.swtdx.attestation.quoting;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Objects;
import org.swtdx.attestation.report.TdInfo;
import org.swtdx.attestation.report.TdReport;
import org.swtdx.attestation.report.TeeTcbInfo;

/**
 * Makes TDREPORTs of TDs that never ran, to test relying parties: as the TDX module of this
 * platform would make them for a TD with the given measurements. Not thread-safe.
 */
public final class ReportBuilder {
  private static final int MEASUREMENT = 48;
  private static final int MR_TD = 16;
  private static final int MR_CONFIG_ID = 64;
  private static final int MR_OWNER = 112;
  private static final int MR_OWNER_CONFIG = 160;
  private static final int RTMR = 208;
  private static final int REPORT_DATA_SIZE = 64;

  /** What the TDX module gives as the identity that is measured: see its TEE_TCB_INFO. */
  private static final String MODULE_IDENTITY = "swtdx TDX module, ABI 1.5";

  private static final long VALID_FIELDS = 0x301ff;

  private final ByteBuffer td = ByteBuffer.allocate(TdInfo.SIZE).order(ByteOrder.LITTLE_ENDIAN);
  private byte[] reportData = new byte[REPORT_DATA_SIZE];

  /** Starts with zeros. */
  public ReportBuilder() {}

  /** Sets ATTRIBUTES. */
  public ReportBuilder attributes(long value) {
    td.putLong(0, value);
    return this;
  }

  /** Sets XFAM. */
  public ReportBuilder xfam(long value) {
    td.putLong(8, value);
    return this;
  }

  /** Sets MRTD (48 bytes). */
  public ReportBuilder mrTd(byte[] value) {
    return measurement(MR_TD, value);
  }

  /** Sets MRCONFIGID (48 bytes). */
  public ReportBuilder mrConfigId(byte[] value) {
    return measurement(MR_CONFIG_ID, value);
  }

  /** Sets MROWNER (48 bytes). */
  public ReportBuilder mrOwner(byte[] value) {
    return measurement(MR_OWNER, value);
  }

  /** Sets MROWNERCONFIG (48 bytes). */
  public ReportBuilder mrOwnerConfig(byte[] value) {
    return measurement(MR_OWNER_CONFIG, value);
  }

  /** Sets an RTMR (48 bytes). */
  public ReportBuilder rtmr(int index, byte[] value) {
    return measurement(RTMR + MEASUREMENT * Objects.checkIndex(index, TdInfo.RTMRS), value);
  }

  /** Sets REPORTDATA (64 bytes). */
  public ReportBuilder reportData(byte[] value) {
    if (value.length != REPORT_DATA_SIZE) {
      throw new IllegalArgumentException("REPORTDATA has 64 bytes, not " + value.length);
    }
    reportData = value.clone();
    return this;
  }

  private ReportBuilder measurement(int offset, byte[] value) {
    if (value.length != MEASUREMENT) {
      throw new IllegalArgumentException("a measurement has 48 bytes, not " + value.length);
    }
    td.put(offset, value);
    return this;
  }

  /** Returns the report with the MAC of a platform. */
  public TdReport build(PlatformMac mac) {
    byte[] cpuSvn = new byte[16];
    cpuSvn[0] = 1; // as the processor of this platform reports it
    byte[] info = new byte[TdInfo.SIZE];
    td.get(0, info);
    return TdReport.compose(cpuSvn, module(), new TdInfo(info), reportData, mac::compute);
  }

  private static TeeTcbInfo module() {
    ByteBuffer info = ByteBuffer.allocate(TeeTcbInfo.SIZE).order(ByteOrder.LITTLE_ENDIAN);
    info.putLong(0, VALID_FIELDS).put(8, PlatformTcb.teeTcbSvn());
    try {
      byte[] identity = MODULE_IDENTITY.getBytes(StandardCharsets.US_ASCII);
      info.put(24, MessageDigest.getInstance("SHA-384").digest(identity));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-384", e);
    }
    info.put(128, PlatformTcb.teeTcbSvn());
    byte[] bytes = new byte[TeeTcbInfo.SIZE];
    info.get(0, bytes);
    return new TeeTcbInfo(bytes);
  }
}
