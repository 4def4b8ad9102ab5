package org.swtdx.fuzz.attestation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.swtdx.attestation.policy.PolicyException;
import org.swtdx.attestation.policy.PolicyFile;
import org.swtdx.fuzz.FuzzTarget;

/** Policy files, damaged or made up, are refused or read. */
class PolicyFuzzTest extends FuzzTarget {
  private static final byte[] POLICY =
      Genuine.utf8(
          """
          {"version":1,"acceptedTcbStatuses":["UpToDate"],"refusedAdvisories":["INTEL-SA-00001"],
          "minTcbDate":"2025-01-01T00:00:00Z","minTcbEvaluationDataNumber":17,
          "minimumVersions":{"pceSvn":11,"teeTcbSvn":"05010200000000000000000000000000"},
          "allowDebug":false,"requiredTdAttributes":["SEPT_VE_DISABLE"],"collateralGraceDays":1,
          "expected":{"mrEnclave":"%s"}}\
          """
              .formatted("ab".repeat(32)));

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    read(input);
    read(Genuine.damaged(POLICY, input));
  }

  private static void read(byte[] json) {
    try {
      PolicyFile.parse(json);
    } catch (PolicyException _) {
      return;
    }
  }

  @Override
  protected int longestInput() {
    return 12;
  }
}
