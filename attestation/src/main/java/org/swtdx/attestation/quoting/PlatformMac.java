package org.swtdx.attestation.quoting;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.swtdx.attestation.report.ReportMac;
import org.swtdx.attestation.report.ReportMacStruct;

/**
 * The MAC over a REPORTMACSTRUCT that the processor of this platform computes (SEAMREPORT) and
 * checks ({@code ENCLU[EVERIFYREPORT2]}): HMAC-SHA-256 over the first 224 bytes. Thread-safe.
 */
public final class PlatformMac implements ReportMac {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int COVERED = 224;

  private final SecretKeySpec key;

  PlatformMac(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /** Returns the MAC of the 224 bytes before it. */
  public byte[] compute(byte[] covered) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(covered, 0, COVERED);
      return mac.doFinal();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  @Override
  public boolean verify(byte[] reportMacStruct) {
    return reportMacStruct.length == ReportMacStruct.SIZE
        && MessageDigest.isEqual(
            compute(reportMacStruct), Arrays.copyOfRange(reportMacStruct, COVERED, COVERED + 32));
  }
}
