package org.swtdx.attestation.quote;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.swtdx.attestation.report.TdInfo;
import org.swtdx.attestation.report.TdReport;
import org.swtdx.attestation.report.TeeTcbInfo;

/** What a quote says about a TD and its TDX module: a TDREPORT without its MAC. Immutable. */
public final class QuoteBody {
  /** The two layouts there are (Intel TDX DCAP Quoting Library API, "TD Quote Body"). */
  public enum Layout {
    /** 584 bytes: quote version 4, and body type 2 of version 5. */
    TD_1_0(2, 584),
    /** 648 bytes: body type 3 of version 5, with TEE_TCB_SVN_2 and MRSERVICETD. */
    TD_1_5(3, 648);

    private final int type;
    private final int size;

    Layout(int type, int size) {
      this.type = type;
      this.size = size;
    }

    /** The body type that quote version 5 names it by. */
    public int type() {
      return type;
    }

    /** Bytes of the body. */
    public int size() {
      return size;
    }
  }

  private final Layout layout;
  private final byte[] bytes;

  QuoteBody(Layout layout, byte[] bytes) {
    this.layout = layout;
    this.bytes = bytes;
  }

  /** Returns what a quote in {@code layout} would say of a report. */
  public static QuoteBody of(TdReport report, Layout layout) {
    TeeTcbInfo module = report.tcbInfo();
    TdInfo td = report.tdInfo();
    ByteBuffer out = ByteBuffer.allocate(layout.size).order(ByteOrder.LITTLE_ENDIAN);
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
    return new QuoteBody(layout, out.array());
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

  /** Whether the TD can be debugged, so that nothing in it is secret. */
  public boolean isDebuggable() {
    return (tdAttributes() & 1) != 0;
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

  /** What the TD bound to the quote (64 bytes). */
  public byte[] reportData() {
    return field(520, 64);
  }

  /** Returns the body's bytes as the quote holds them. */
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
    return other instanceof QuoteBody that
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
