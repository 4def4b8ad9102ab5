package org.swtdx.attestation.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.policy.Measurement;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.policy.PolicyException;
import org.swtdx.attestation.policy.PolicyFile;
import org.swtdx.attestation.verify.Verdict.Accepted;
import org.swtdx.attestation.verify.Verdict.Refused;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every demand of a policy file is made, and says what it found. */
final class PolicyTest {
  private static final String MRTD = "02".repeat(8) + "03".repeat(40);

  private static Policy policy(String members) throws PolicyException {
    return PolicyFile.parse(("{\"version\":1," + members + "}").replace('\'', '"').getBytes(UTF_8));
  }

  private static Refusal refusal(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Refused.class);
    return ((Refused) verdict).first();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'acceptedTcbStatuses':[]                        | TCB_STATUS       | TCB status
          'acceptedTcbStatuses':['OutOfDate']             | TCB_STATUS       | TCB status
          'acceptedAdvisories':['INTEL-SA-00001']         | ADVISORY         | advisories
          'refusedAdvisories':['INTEL-SA-00002']          | ADVISORY         | advisories
          'minTcbDate':'2025-08-14T00:00:00Z'             | TCB_AGE          | TCB date
          'minTcbEvaluationDataNumber':18                 | TCB_AGE          | TCB evaluation data number
          'minimumVersions':{'pceSvn':12}                 | SECURITY_VERSION | PCESVN
          'minimumVersions':{'qeIsvSvn':7}                | SECURITY_VERSION | ISVSVN of the QE
          'minimumVersions':{'teeTcbSvn':'04000000000000000000000000000000'} | SECURITY_VERSION | TEE_TCB_SVN
          'minimumVersions':{'cpuSvn':'00060000000000000000000000000000'} | SECURITY_VERSION | SGX components of the PCK
          'requiredTdAttributes':['PKS']                  | ATTRIBUTES       | TD attributes
          """)
  void demandThatFailsIsNamed(String members, Reason reason, String field) throws Exception {
    Refusal refusal = refusal(new TestPlatform().verdict(policy(members)));

    assertThat(refusal.reason()).isEqualTo(reason);
    assertThat(refusal.field()).isEqualTo(field);
    assertThat(refusal.found()).isNotEmpty();
    assertThat(refusal.required()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'description':'all that the test platform has'",
        "'acceptedTcbStatuses':['OutOfDate','UpToDate']",
        "'acceptedAdvisories':['INTEL-SA-00001','INTEL-SA-00002']",
        "'refusedAdvisories':['INTEL-SA-00009']",
        "'minTcbDate':'2025-08-13T00:00:00Z'",
        "'minTcbEvaluationDataNumber':17",
        "'minimumVersions':{'pceSvn':11,'qeIsvSvn':6,'isvSvn':99,"
            + "'teeTcbSvn':'03010300000000000000000000000000',"
            + "'cpuSvn':'05050202030100030000000000000000'}",
        "'requiredTdAttributes':['SEPT_VE_DISABLE']",
      })
  void demandThatHoldsDoesNotStandInTheWay(String members) throws Exception {
    assertThat(new TestPlatform().verdict(policy(members))).isInstanceOf(Accepted.class);
  }

  @Test
  void everyMeasurementIsCompared() throws Exception {
    for (Measurement measurement : Measurement.values()) {
      String wrong = "99".repeat(measurement.size());
      TestPlatform platform = new TestPlatform();
      if (measurement == Measurement.MRENCLAVE || measurement == Measurement.MRSIGNER) {
        platform.enclave();
      } else {
        platform.td15();
      }

      Refusal refusal =
          refusal(
              platform.verdict(policy("'expected':{'" + measurement.key() + "':'" + wrong + "'}")));

      assertThat(refusal.reason()).isEqualTo(Reason.MEASUREMENT);
      assertThat(refusal.field()).isEqualTo(measurement.name());
      assertThat(refusal.required()).isEqualTo(wrong);
      assertThat(refusal.found()).hasSize(2 * measurement.size());
    }
  }

  @Test
  void measurementThatTheKindOfQuoteLacksIsNotThere() throws Exception {
    Policy policy = policy("'expected':{'mrTd':['" + "00".repeat(48) + "','" + MRTD + "']}");
    TestPlatform enclave = new TestPlatform();
    enclave.enclave();

    assertThat(new TestPlatform().verdict(policy)).isInstanceOf(Accepted.class);
    assertThat(refusal(enclave.verdict(policy)).found()).isEqualTo("absent");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, allowDebug", // DEBUG
    "0, 16, allowDebug", // HGS_PLUS_PROF
    "0, 32, allowDebug", // PERF_PROF
    "0, 64, allowDebug", // PMT_PROF
    "3, 32, allowMigration", // MIGRATABLE
  })
  void attributesThatHaveToBeAllowedAreRefused(int offset, int bit, String allowance)
      throws Exception {
    TestPlatform platform = new TestPlatform();
    platform.body[120 + offset] |= (byte) bit;

    assertThat(refusal(platform.verdict()).reason()).isEqualTo(Reason.ATTRIBUTES);
    assertThat(platform.verdict(policy("'" + allowance + "':true"))).isInstanceOf(Accepted.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 15, 17, 26, 32, 47, 61})
  void reservedAttributesAreAlwaysRefused(int bit) throws Exception {
    TestPlatform platform = new TestPlatform();
    platform.body[120 + bit / 8] |= (byte) (1 << bit % 8);

    Refusal refusal = refusal(platform.verdict(policy("'allowDebug':true,'allowMigration':true")));

    assertThat(refusal.reason()).isEqualTo(Reason.ATTRIBUTES);
    assertThat(refusal.required()).startsWith("no reserved bits");
  }

  @Test
  void debuggableEnclaveIsRefused() throws Exception {
    TestPlatform platform = new TestPlatform();
    platform.enclave();
    platform.body[48] |= 2;

    assertThat(refusal(platform.verdict()).reason()).isEqualTo(Reason.ATTRIBUTES);
    assertThat(platform.verdict(policy("'allowDebug':true"))).isInstanceOf(Accepted.class);
  }

  @Test
  void serviceTdIsRefusedUnlessItIsExpected() throws Exception {
    TestPlatform platform = new TestPlatform();
    platform.td15();
    platform.body[600] = 1;

    assertThat(refusal(platform.verdict()).field()).isEqualTo("MRSERVICETD");
    assertThat(platform.verdict(policy("'expected':{'mrServiceTd':'01" + "00".repeat(47) + "'}")))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void allThatAPolicyObjectsToIsReported() throws Exception {
    TestPlatform platform = new TestPlatform();
    platform.body[120] |= 1;
    platform.qeReport[258] = 5;

    Verdict verdict = platform.verdict();

    assertThat(((Refused) verdict).refusals())
        .extracting(Refusal::reason)
        .containsExactly(Reason.TCB_STATUS, Reason.ATTRIBUTES);
    assertThat(((Refused) verdict).appraisal()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'acceptedTcbStatus':[]           | unknown member acceptedTcbStatus
          'acceptedTcbStatuses':['Fine']   | unknown status Fine
          'allowDebug':'yes'               | policy.allowDebug is neither true nor false
          'minTcbDate':'yesterday'         | not a time
          'minimumVersions':{'pcesvn':1}   | unknown member pcesvn
          'expected':{'mrtd':'00'}         | unknown member mrtd
          'expected':{'mrTd':'00'}         | not the 96 hexadecimal digits of 48 bytes
          'requiredTdAttributes':['SECURE']| unknown attribute SECURE
          'allowDebug':true,'allowDebug':false | allowDebug
          'signaturesOnly':true,'minTcbEvaluationDataNumber':1 | contradicts
          """)
  void fileThatCouldBeMisunderstoodIsRefused(String members, String message) {
    assertThatExceptionOfType(PolicyException.class)
        .isThrownBy(() -> policy(members))
        .withMessageContaining(message);
  }

  @Test
  void schemaKnowsTheMembersThatFilesMayHave() throws Exception {
    JsonNode schema = JsonMapper.shared().readTree(PolicyFile.schema());

    for (String member : schema.get("properties").propertyNames()) {
      try {
        policy("'" + member + "':null");
      } catch (PolicyException e) {
        assertThat(e).hasMessageNotContaining("unknown member");
      }
    }
    assertThat(schema.at("/properties/expected/properties").propertyNames())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Measurement.values()).map(Measurement::key).toList());
    assertThatExceptionOfType(PolicyException.class)
        .isThrownBy(() -> policy("'surely-not-a-member':null"))
        .withMessageContaining(
            String.join(", ", new TreeSet<>(schema.get("properties").propertyNames())));
  }
}
