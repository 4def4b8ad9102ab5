package org.swtdx.attestation.report;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Reports of a platform whose secret is known to the tests. */
public final class Reports {
  /** The platform's check. */
  public static final ReportMac MAC =
      struct ->
          MessageDigest.isEqual(
              mac(Arrays.copyOf(struct, 224)), Arrays.copyOfRange(struct, 224, 256));

  private Reports() {}

  /** Returns a report with recognisable measurements. */
  public static TdReport report(byte[] reportData) {
    byte[] td = new byte[TdInfo.SIZE];
    for (int i = 0; i < 400; i++) {
      td[i] = (byte) (3 * i + 1);
    }
    byte[] module = new byte[TeeTcbInfo.SIZE];
    for (int i = 0; i < 128; i++) {
      module[i] = (byte) (5 * i + 2);
    }
    return TdReport.compose(
        new byte[16], new TeeTcbInfo(module), new TdInfo(td), reportData, Reports::mac);
  }

  private static byte[] mac(byte[] covered) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(new byte[] {1, 2, 3}, "HmacSHA256"));
      return mac.doFinal(covered);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
