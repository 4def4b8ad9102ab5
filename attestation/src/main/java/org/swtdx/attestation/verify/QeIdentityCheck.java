package org.swtdx.attestation.verify;

import java.util.HexFormat;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SvnLevel;
import org.swtdx.attestation.quote.EnclaveReportBody;

/** Whether a quoting enclave is the one that an identity describes, and the level it is at. */
final class QeIdentityCheck {
  private static final HexFormat HEX = HexFormat.of();

  private QeIdentityCheck() {}

  static SvnLevel check(EnclaveReportBody report, QeIdentity identity) throws RefusedException {
    masked(
        "MISCSELECT of the QE",
        report.miscSelect(),
        reversed(HEX.parseHex(identity.miscSelectMask())),
        reversed(HEX.parseHex(identity.miscSelect())));
    masked(
        "ATTRIBUTES of the QE",
        report.attributes(),
        HEX.parseHex(identity.attributesMask()),
        HEX.parseHex(identity.attributes()));
    equal("MRSIGNER of the QE", HEX.formatHex(report.mrSigner()), identity.mrSigner());
    equal("ISVPRODID of the QE", report.isvProdId() + "", identity.isvProdId() + "");
    return TcbLevels.reached(identity.tcbLevels(), report.isvSvn())
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.TCB_LEVEL,
                    "ISVSVN of the QE",
                    report.isvSvn() + ", below every level",
                    "at least the lowest level of the QE identity"));
  }

  /** MISCSELECT is a number in the identity, and little-endian in a report. */
  private static byte[] reversed(byte[] number) {
    byte[] bytes = new byte[number.length];
    for (int i = 0; i < number.length; i++) {
      bytes[i] = number[number.length - 1 - i];
    }
    return bytes;
  }

  private static void masked(String field, byte[] value, byte[] mask, byte[] required)
      throws RefusedException {
    for (int i = 0; i < value.length; i++) {
      if ((value[i] & mask[i]) != required[i]) {
        throw new RefusedException(
            Reason.QE_IDENTITY,
            field,
            HEX.formatHex(value),
            HEX.formatHex(required) + " under the mask " + HEX.formatHex(mask));
      }
    }
  }

  private static void equal(String field, String found, String required) throws RefusedException {
    if (!found.equals(required)) {
      throw new RefusedException(Reason.QE_IDENTITY, field, found, required);
    }
  }
}
