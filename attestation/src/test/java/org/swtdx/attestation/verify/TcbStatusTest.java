package org.swtdx.attestation.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.verify.Verdict.Accepted;

/** How statuses of platform, TDX module and quoting enclave become one. */
final class TcbStatusTest {
  private static final Policy ANY =
      Policy.builder().acceptedTcbStatuses(EnumSet.allOf(TcbStatus.class)).build();

  private static TcbAppraisal appraise(TestPlatform platform) {
    Verdict verdict = platform.verdict(ANY);
    assertThat(verdict).isInstanceOf(Accepted.class);
    return ((Accepted) verdict).appraisal().tcb().orElseThrow();
  }

  // after Intel's quote verification library: convergeTcbStatusWithTdxModuleStatus and ...WithQe...
  @ParameterizedTest
  @CsvSource({
    "UpToDate, UpToDate, 6, UpToDate",
    "UpToDate, OutOfDate, 6, OutOfDate",
    "UpToDate, Revoked, 6, Revoked",
    "UpToDate, UpToDate, 5, OutOfDate",
    "SWHardeningNeeded, UpToDate, 6, SWHardeningNeeded",
    "SWHardeningNeeded, OutOfDate, 6, OutOfDate",
    "SWHardeningNeeded, UpToDate, 5, OutOfDate",
    "ConfigurationNeeded, UpToDate, 6, ConfigurationNeeded",
    "ConfigurationNeeded, OutOfDate, 6, OutOfDateConfigurationNeeded",
    "ConfigurationNeeded, UpToDate, 5, OutOfDateConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded, OutOfDate, 6, OutOfDateConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded, UpToDate, 6, ConfigurationAndSWHardeningNeeded",
    "OutOfDate, UpToDate, 6, OutOfDate",
    "OutOfDate, Revoked, 6, Revoked",
    "OutOfDateConfigurationNeeded, OutOfDate, 5, OutOfDateConfigurationNeeded",
    "Revoked, UpToDate, 6, Revoked",
    "Revoked, OutOfDate, 5, Revoked",
  })
  void statusesConverge(String platformStatus, String moduleStatus, int qeSvn, String expected) {
    TestPlatform platform = new TestPlatform();
    platform.tcbInfo = TestDocuments.tcbInfo(platformStatus, moduleStatus);
    platform.qeReport[258] = (byte) qeSvn;

    TcbAppraisal tcb = appraise(platform);

    assertThat(tcb.status().label()).isEqualTo(expected);
    assertThat(tcb.platformStatus().label()).isEqualTo(platformStatus);
    assertThat(tcb.tdxModuleStatus().orElseThrow().label()).isEqualTo(moduleStatus);
    assertThat(tcb.qeStatus()).isEqualTo(qeSvn == 6 ? TcbStatus.UP_TO_DATE : TcbStatus.OUT_OF_DATE);
  }

  @Test
  void advisoriesOfAllPartsAreNamedAndTheEarliestDateCounts() {
    TestPlatform platform = new TestPlatform();
    platform.qeReport[258] = 5;

    TcbAppraisal tcb = appraise(platform);

    assertThat(tcb.advisories())
        .containsExactly("INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00004");
    assertThat(tcb.tcbDate()).isEqualTo("2023-08-13T00:00:00Z");
    assertThat(tcb.tcbEvaluationDataNumber()).isEqualTo(17);
  }

  @Test
  void lowerPlatformIsAtTheLowerLevel() {
    TestPlatform platform = new TestPlatform();
    platform.pck.components = List.of(4, 9, 2, 2, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);

    assertThat(appraise(platform).status()).isEqualTo(TcbStatus.OUT_OF_DATE);
  }

  @Test
  void moduleVersionZeroIsJudgedByTheComponentsAlone() {
    TestPlatform platform = new TestPlatform();
    platform.body[1] = 0;

    TcbAppraisal tcb = appraise(platform);

    assertThat(tcb.status()).isEqualTo(TcbStatus.UP_TO_DATE);
    assertThat(tcb.tdxModuleStatus()).isEmpty();
  }

  // TEE_TCB_SVN is what the TD was launched with, TEE_TCB_SVN_2 what runs now
  @ParameterizedTest
  @CsvSource({
    "UpToDate, 3, 1, 3, 6, TDRelaunchAdvised",
    "UpToDate, 3, 3, 3, 6, TDRelaunchAdvised",
    "UpToDate, 3, 0, 3, 6, TDRelaunchAdvised",
    "ConfigurationNeeded, 3, 1, 3, 6, TDRelaunchAdvisedConfigurationNeeded",
    "UpToDate, 2, 1, 3, 6, OutOfDate",
    "UpToDate, 3, 1, 2, 6, OutOfDate",
    "UpToDate, 3, 1, 3, 5, OutOfDate",
  })
  void updatedModuleAsksForARelaunch(
      String platformStatus, int module, int version, int loader, int qeSvn, String expected) {
    TestPlatform platform = new TestPlatform();
    platform.tcbInfo = TestDocuments.tcbInfo(platformStatus, "UpToDate");
    platform.td15(module, version, loader);
    platform.body[0] = 2;
    platform.qeReport[258] = (byte) qeSvn;

    assertThat(appraise(platform).status().label()).isEqualTo(expected);
  }

  @Test
  void orderOfTheLevelsInTheDocumentDoesNotMatter() {
    TestPlatform platform = new TestPlatform();
    String info = platform.tcbInfo;
    int from = info.lastIndexOf("\"tcbLevels\":[") + 13;
    int middle = info.indexOf(",{\"tcb\":{\"sgx", from);
    int to = info.lastIndexOf(']');
    platform.tcbInfo =
        info.substring(0, from)
            + info.substring(middle + 1, to)
            + ","
            + info.substring(from, middle)
            + info.substring(to);

    assertThat(appraise(platform).status()).isEqualTo(TcbStatus.UP_TO_DATE);
  }

  @Test
  void orderOfTheLevelsOfModuleAndEnclaveDoesNotMatterEither() {
    TestPlatform platform = new TestPlatform();
    platform.tcbInfo = swapped(platform.tcbInfo);
    platform.qeIdentity = swapped(platform.qeIdentity);

    TcbAppraisal tcb = appraise(platform);

    assertThat(tcb.tdxModuleStatus()).contains(TcbStatus.UP_TO_DATE);
    assertThat(tcb.qeStatus()).isEqualTo(TcbStatus.UP_TO_DATE);
  }

  /** A document whose first list of two levels is the other way around. */
  private static String swapped(String document) {
    String pair = "(\"tcbLevels\":\\[)(\\{\"tcb\":\\{\"isvsvn\".*?}),(\\{\"tcb\".*?})\\]";
    String result = document.replaceFirst(pair, "$1$3,$2]");
    assertThat(result).hasSameSizeAs(document).isNotEqualTo(document);
    return result;
  }
}
