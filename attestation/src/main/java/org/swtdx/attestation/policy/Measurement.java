package org.swtdx.attestation.policy;

import java.util.Optional;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.TdQuoteBody;

/** The fields of a quote that tell one workload from another. */
public enum Measurement {
  /** Initial contents of the TD. */
  MRTD("mrTd", 48),
  /** Run-time measurement register 0. */
  RTMR0("rtmr0", 48),
  /** Run-time measurement register 1. */
  RTMR1("rtmr1", 48),
  /** Run-time measurement register 2. */
  RTMR2("rtmr2", 48),
  /** Run-time measurement register 3. */
  RTMR3("rtmr3", 48),
  /** The TD's configuration, as its owner named it. */
  MRCONFIGID("mrConfigId", 48),
  /** The TD's owner. */
  MROWNER("mrOwner", 48),
  /** The owner's configuration. */
  MROWNERCONFIG("mrOwnerConfig", 48),
  /** The TDX module. */
  MRSEAM("mrSeam", 48),
  /** Service TDs that are bound to the TD; zeros unless a policy says otherwise. */
  MRSERVICETD("mrServiceTd", 48),
  /** The enclave. */
  MRENCLAVE("mrEnclave", 32),
  /** The enclave's signer. */
  MRSIGNER("mrSigner", 32),
  /** What the TD or enclave bound to the quote. */
  REPORTDATA("reportData", 64);

  private final String key;
  private final int size;

  Measurement(String key, int size) {
    this.key = key;
    this.size = size;
  }

  /** Its name in a policy file. */
  public String key() {
    return key;
  }

  /** Bytes of the value. */
  public int size() {
    return size;
  }

  /** Returns the value in a quote, or nothing when that kind of quote has none. */
  public Optional<byte[]> in(Quote quote) {
    return switch (quote.body()) {
      case TdQuoteBody td -> in(td);
      case EnclaveReportBody enclave -> in(enclave);
    };
  }

  private Optional<byte[]> in(TdQuoteBody td) {
    return switch (this) {
      case MRTD -> Optional.of(td.mrTd());
      case RTMR0 -> Optional.of(td.rtmr(0));
      case RTMR1 -> Optional.of(td.rtmr(1));
      case RTMR2 -> Optional.of(td.rtmr(2));
      case RTMR3 -> Optional.of(td.rtmr(3));
      case MRCONFIGID -> Optional.of(td.mrConfigId());
      case MROWNER -> Optional.of(td.mrOwner());
      case MROWNERCONFIG -> Optional.of(td.mrOwnerConfig());
      case MRSEAM -> Optional.of(td.mrSeam());
      case MRSERVICETD -> td.mrServiceTd();
      case REPORTDATA -> Optional.of(td.reportData());
      case MRENCLAVE, MRSIGNER -> Optional.empty();
    };
  }

  private Optional<byte[]> in(EnclaveReportBody enclave) {
    return switch (this) {
      case MRENCLAVE -> Optional.of(enclave.mrEnclave());
      case MRSIGNER -> Optional.of(enclave.mrSigner());
      case REPORTDATA -> Optional.of(enclave.reportData());
      case MRTD,
          RTMR0,
          RTMR1,
          RTMR2,
          RTMR3,
          MRCONFIGID,
          MROWNER,
          MROWNERCONFIG,
          MRSEAM,
          MRSERVICETD ->
          Optional.empty();
    };
  }
}
