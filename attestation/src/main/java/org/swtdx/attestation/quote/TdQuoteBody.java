package org.swtdx.attestation.quote;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.swtdx.attestation.report.TdInfo;
import org.swtdx.attestation.report.TdReport;
import org.swtdx.attestation.report.TeeTcbInfo;

/** What a quote says about a TD and its TDX module: a TDREPORT without its MAC. Immutable. */
public final class TdQuoteBody implements QuoteBody {
  private final Layout layout;
  private final byte[] bytes;

  TdQuoteBody(Layout layout, byte[] bytes) {
    this.layout = layout;
    this.bytes = bytes;
  }

  /** Returns what a quote in {@code layout} would say of a report. */
  static TdQuoteBody compose(TdReport report, Layout layout) {
    TeeTcbInfo module = report.tcbInfo();
    TdInfo td = report.tdInfo();
    ByteBuffer out = ByteBuffer.allocate(layout.size()).order(ByteOrder.LITTLE_ENDIAN);
    out.put(module.teeTcbSvn()).put(module.mrSeam()).put(module.mrSignerSeam());
    out.putLong(module.attributes()).putLong(td.attributes()).putLong(td.xfam());
    out.put(td.mrTd()).put(td.mrConfigId()).put(td.mrOwner()).put(td.mrOwnerConfig());
    for (int i = 0; i < TdInfo.RTMRS; i++) {
      out.put(td.rtmr(i));
    }
    out.put(report.macStruct().reportData());
    if (layout == Layout.TD_1_5) {
      out.put(module.teeTcbSvn2()).put(td.servTdHash());
    }
    return new TdQuoteBody(layout, out.array());
  }

  /** The body's layout. */
  public Layout layout() {
    return layout;
  }

  /** Security versions of the TDX module and the processor (16 bytes). */
  public byte[] teeTcbSvn() {
    return field(0, 16);
  }

  /** Measurement of the TDX module (48 bytes). */
  public byte[] mrSeam() {
    return field(16, 48);
  }

  /** Measurement of the module's signer, zero for Intel's (48 bytes). */
  public byte[] mrSignerSeam() {
    return field(64, 48);
  }

  /** Attributes of the TDX module. */
  public long seamAttributes() {
    return longAt(112);
  }

  /** Attributes of the TD. */
  public long tdAttributes() {
    return longAt(120);
  }

  @Override
  public boolean isDebuggable() {
    return (tdAttributes() & TdAttribute.DEBUG.mask()) != 0;
  }

  /** Extended features that the TD may use. */
  public long xfam() {
    return longAt(128);
  }

  /** Measurement of the TD's initial contents (48 bytes). */
  public byte[] mrTd() {
    return field(136, 48);
  }

  /** Software-defined identity of the configuration (48 bytes). */
  public byte[] mrConfigId() {
    return field(184, 48);
  }

  /** Software-defined identity of the owner (48 bytes). */
  public byte[] mrOwner() {
    return field(232, 48);
  }

  /** Software-defined identity of the owner's configuration (48 bytes). */
  public byte[] mrOwnerConfig() {
    return field(280, 48);
  }

  /**
   * A run-time measurement register (48 bytes).
   *
   * @param index 0 to 3
   */
  public byte[] rtmr(int index) {
    return field(328 + 48 * Objects.checkIndex(index, TdInfo.RTMRS), 48);
  }

  @Override
  public byte[] reportData() {
    return field(520, 64);
  }

  /**
   * Security versions after an update of the module while the TD ran; none in TD 1.0 (16 bytes).
   */
  public Optional<byte[]> teeTcbSvn2() {
    return layout == Layout.TD_1_5 ? Optional.of(field(584, 16)) : Optional.empty();
  }

  /** Measurement of the service TDs bound to the TD; none in TD 1.0 (48 bytes). */
  public Optional<byte[]> mrServiceTd() {
    return layout == Layout.TD_1_5 ? Optional.of(field(600, 48)) : Optional.empty();
  }

  @Override
  public byte[] toBytes() {
    return bytes.clone();
  }

  private byte[] field(int offset, int size) {
    return Arrays.copyOfRange(bytes, offset, offset + size);
  }

  private long longAt(int offset) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TdQuoteBody that
        && layout == that.layout
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return layout + " body";
  }
}
