package org.swtdx.cli;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.TdAttribute;
import org.swtdx.attestation.quote.TdQuoteBody;

/** What a quote says, field by field, under the names that documents use. */
final class QuoteFields {
  private static final HexFormat HEX = HexFormat.of();

  private QuoteFields() {}

  static Map<String, String> of(Quote quote) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("VERSION", quote.version() + "");
    fields.put("TEE", quote.teeType() == Quote.TEE_TDX ? "TDX" : "SGX");
    fields.put("BYTES", quote.length() + "");
    fields.put("QEVENDORID", HEX.formatHex(quote.qeVendorId()));
    switch (quote.body()) {
      case TdQuoteBody td -> put(fields, td);
      case EnclaveReportBody enclave -> put(fields, enclave, "");
    }
    put(fields, quote.signature().qeReport(), "QE ");
    return fields;
  }

  private static void put(Map<String, String> fields, TdQuoteBody td) {
    fields.put("TEE_TCB_SVN", HEX.formatHex(td.teeTcbSvn()));
    td.teeTcbSvn2().ifPresent(svn -> fields.put("TEE_TCB_SVN_2", HEX.formatHex(svn)));
    fields.put("MRSEAM", HEX.formatHex(td.mrSeam()));
    fields.put("MRSIGNERSEAM", HEX.formatHex(td.mrSignerSeam()));
    fields.put("SEAMATTRIBUTES", HEX.toHexDigits(td.seamAttributes()));
    fields.put("TDATTRIBUTES", HEX.toHexDigits(td.tdAttributes()) + names(td.tdAttributes()));
    fields.put("XFAM", HEX.toHexDigits(td.xfam()));
    fields.put("MRTD", HEX.formatHex(td.mrTd()));
    fields.put("MRCONFIGID", HEX.formatHex(td.mrConfigId()));
    fields.put("MROWNER", HEX.formatHex(td.mrOwner()));
    fields.put("MROWNERCONFIG", HEX.formatHex(td.mrOwnerConfig()));
    for (int i = 0; i < 4; i++) {
      fields.put("RTMR" + i, HEX.formatHex(td.rtmr(i)));
    }
    td.mrServiceTd().ifPresent(value -> fields.put("MRSERVICETD", HEX.formatHex(value)));
    fields.put("REPORTDATA", HEX.formatHex(td.reportData()));
  }

  private static String names(long attributes) {
    return TdAttribute.in(attributes).isEmpty() ? "" : " " + TdAttribute.in(attributes);
  }

  private static void put(Map<String, String> fields, EnclaveReportBody enclave, String prefix) {
    fields.put(prefix + "CPUSVN", HEX.formatHex(enclave.cpuSvn()));
    fields.put(prefix + "MISCSELECT", HEX.formatHex(enclave.miscSelect()));
    fields.put(prefix + "ATTRIBUTES", HEX.formatHex(enclave.attributes()));
    fields.put(prefix + "MRENCLAVE", HEX.formatHex(enclave.mrEnclave()));
    fields.put(prefix + "MRSIGNER", HEX.formatHex(enclave.mrSigner()));
    fields.put(prefix + "ISVPRODID", enclave.isvProdId() + "");
    fields.put(prefix + "ISVSVN", enclave.isvSvn() + "");
    if (prefix.isEmpty()) {
      fields.put("REPORTDATA", HEX.formatHex(enclave.reportData()));
    }
  }
}
