package org.swtdx.attestation.quote;

import org.swtdx.attestation.report.TdReport;

/** What a quote is about: a TD or an enclave. */
public sealed interface QuoteBody permits TdQuoteBody, EnclaveReportBody {
  /** The two layouts of a TD's (Intel TDX DCAP Quoting Library API, "TD Quote Body"). */
  enum Layout {
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

  /** Returns what a quote in {@code layout} would say of a report. */
  static TdQuoteBody of(TdReport report, Layout layout) {
    return TdQuoteBody.compose(report, layout);
  }

  /** What the TD or the enclave bound to the quote (64 bytes). */
  byte[] reportData();

  /** Whether it can be debugged, so that nothing in it is secret. */
  boolean isDebuggable();

  /** Returns the body's bytes as the quote holds them. */
  byte[] toBytes();
}
