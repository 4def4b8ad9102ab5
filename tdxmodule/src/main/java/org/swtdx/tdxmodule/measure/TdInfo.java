package org.swtdx.tdxmodule.measure;

/** TDINFO, the 512 bytes of a TDREPORT that describe the TD. */
public final class TdInfo {
  /** Bytes of the structure. */
  public static final int SIZE = 512;

  private static final int ATTRIBUTES = 0;
  private static final int XFAM = 8;
  private static final int MRTD = 16;
  private static final int MRCONFIGID = 64;
  private static final int MROWNER = 112;
  private static final int MROWNERCONFIG = 160;
  private static final int RTMRS = 208;
  private static final int SERVTD_HASH = 400;

  private final byte[] bytes = new byte[SIZE];

  /** Creates a description of zeros. */
  public TdInfo() {}

  /** Sets ATTRIBUTES and XFAM. */
  public TdInfo features(long attributes, long xfam) {
    LittleEndian.put64(bytes, ATTRIBUTES, attributes);
    LittleEndian.put64(bytes, XFAM, xfam);
    return this;
  }

  /** Sets MRTD (48 bytes). */
  public TdInfo mrtd(byte[] value) {
    return put(MRTD, value);
  }

  /** Sets the three values that the host gave at TDH.MNG.INIT, 48 bytes each. */
  public TdInfo owner(byte[] mrConfigId, byte[] mrOwner, byte[] mrOwnerConfig) {
    return put(MRCONFIGID, mrConfigId).put(MROWNER, mrOwner).put(MROWNERCONFIG, mrOwnerConfig);
  }

  /** Sets RTMR 0 to 3. */
  public TdInfo runtimeMeasurements(RuntimeMeasurements registers) {
    registers.copyTo(bytes, RTMRS);
    return this;
  }

  /** Sets SERVTD_HASH (48 bytes), zero when no service TD is bound. */
  public TdInfo serviceTdHash(byte[] value) {
    return put(SERVTD_HASH, value);
  }

  /** Returns the encoded structure. */
  public byte[] encode() {
    return bytes.clone();
  }

  private TdInfo put(int offset, byte[] value) {
    System.arraycopy(value, 0, bytes, offset, Sha384.SIZE);
    return this;
  }
}
