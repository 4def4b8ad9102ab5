package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralBundle;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.QeIdentity;
import org.swtdx.attestation.collateral.SignedDocument;
import org.swtdx.attestation.collateral.TcbInfo;
import org.swtdx.fuzz.FuzzTarget;

/** TCB info, QE identity, PCS answers and bundles, damaged or made up, are refused or read. */
class CollateralFuzzTest extends FuzzTarget {
  private static final Collateral COLLATERAL = Genuine.collateral();
  private static final byte[] TCB_INFO = COLLATERAL.tcbInfo().body();
  private static final byte[] QE_IDENTITY = COLLATERAL.qeIdentity().body();
  private static final byte[] ANSWER = COLLATERAL.tcbInfo().toResponse("tcbInfo");
  private static final byte[] BUNDLE = CollateralBundle.toJson(COLLATERAL);

  /** Reads a document. */
  private interface Reader {
    Object read(byte[] bytes) throws CollateralException;
  }

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    check(TcbInfo::parse, input);
    check(SignedDocument::ofTcbInfoResponse, input);
    check(TcbInfo::parse, Genuine.damaged(TCB_INFO, input));
    check(QeIdentity::parse, Genuine.damaged(QE_IDENTITY, input));
    check(SignedDocument::ofTcbInfoResponse, Genuine.damaged(ANSWER, input));
    check(CollateralBundle::parse, Genuine.damaged(BUNDLE, input));
  }

  private static void check(Reader reader, byte[] bytes) {
    try {
      Genuine.describe(reader.read(bytes));
    } catch (CollateralException _) {
      return;
    }
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
