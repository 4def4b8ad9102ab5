package org.swtdx.attestation.quote;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.swtdx.attestation.quote.QuoteVerdict.Rejected;
import org.swtdx.attestation.quote.QuoteVerdict.Verified;

/** Quotes and verdicts as lines for a person. */
public final class QuoteText {
  private static final String WARNING =
      "TEST PKI: signed with this platform's test keys; proves nothing about any machine";
  private static final HexFormat HEX = HexFormat.of();

  private QuoteText() {}

  /** Describes a verdict; a verified quote field by field, with a warning when it is a test's. */
  public static List<String> describe(QuoteVerdict verdict) {
    return switch (verdict) {
      case Verified verified -> describe(verified.quote(), verified.chain());
      case Rejected rejected ->
          List.of("rejected, " + rejected.reason() + ": " + rejected.detail());
    };
  }

  private static List<String> describe(Quote quote, PckChain chain) {
    TdQuoteBody body = quote.td().orElseThrow();
    List<String> lines = new ArrayList<>();
    lines.add("TDX quote, version " + quote.version() + ", " + quote.length() + " bytes");
    if (chain.isTestPki()) {
      lines.add(WARNING);
    }
    lines.add("signed by      " + chain.leaf().getSubjectX500Principal());
    lines.add("root           " + chain.root().getSubjectX500Principal());
    lines.add("TEE_TCB_SVN    " + HEX.formatHex(body.teeTcbSvn()));
    lines.add("MRSEAM         " + HEX.formatHex(body.mrSeam()));
    lines.add(
        "TD attributes  %016x%s"
            .formatted(body.tdAttributes(), body.isDebuggable() ? " (DEBUG: no secrets)" : ""));
    lines.add("XFAM           %016x".formatted(body.xfam()));
    lines.add("MRTD           " + HEX.formatHex(body.mrTd()));
    lines.add("MRCONFIGID     " + HEX.formatHex(body.mrConfigId()));
    lines.add("MROWNER        " + HEX.formatHex(body.mrOwner()));
    lines.add("MROWNERCONFIG  " + HEX.formatHex(body.mrOwnerConfig()));
    for (int i = 0; i < 4; i++) {
      lines.add("RTMR" + i + "          " + HEX.formatHex(body.rtmr(i)));
    }
    lines.add("REPORTDATA     " + HEX.formatHex(body.reportData()));
    return lines;
  }
}
