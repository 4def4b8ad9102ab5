package org.swtdx.attestation.verify;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.policy.Measurement;
import org.swtdx.attestation.policy.MinimumVersions;
import org.swtdx.attestation.policy.Policy;
import org.swtdx.attestation.quote.EnclaveReportBody;
import org.swtdx.attestation.quote.Quote;
import org.swtdx.attestation.quote.TdAttribute;
import org.swtdx.attestation.quote.TdQuoteBody;

/** Holds a genuine quote against a policy; every demand that fails gives one refusal. */
final class PolicyCheck {
  private static final HexFormat HEX = HexFormat.of();

  private final Policy policy;
  private final List<Refusal> refusals = new ArrayList<>();

  private PolicyCheck(Policy policy) {
    this.policy = policy;
  }

  static List<Refusal> check(
      Policy policy, Quote quote, CertifiedKey key, Optional<TcbAppraisal> tcb) {
    PolicyCheck check = new PolicyCheck(policy);
    tcb.ifPresent(check::checkTcb);
    check.checkVersions(quote, key);
    switch (quote.body()) {
      case TdQuoteBody td -> check.checkAttributes(td);
      case EnclaveReportBody enclave -> check.checkAttributes(enclave);
    }
    for (Measurement measurement : Measurement.values()) {
      check.checkMeasurement(measurement, quote);
    }
    return check.refusals;
  }

  private void refuse(Reason reason, String field, String found, String required) {
    refusals.add(new Refusal(reason, field, found, required));
  }

  private void checkTcb(TcbAppraisal tcb) {
    if (!policy.acceptedTcbStatuses().contains(tcb.status())) {
      refuse(
          Reason.TCB_STATUS,
          "TCB status",
          tcb.status().label() + details(tcb),
          "one of " + labels(policy.acceptedTcbStatuses()));
    }
    Set<String> advisories = new TreeSet<>(tcb.advisories());
    policy.acceptedAdvisories().ifPresent(advisories::removeAll);
    if (policy.acceptedAdvisories().isPresent() && !advisories.isEmpty()) {
      refuse(
          Reason.ADVISORY,
          "advisories",
          String.join(", ", advisories),
          "none but " + new TreeSet<>(policy.acceptedAdvisories().get()));
    }
    Set<String> refused = new TreeSet<>(tcb.advisories());
    refused.retainAll(policy.refusedAdvisories());
    if (!refused.isEmpty()) {
      refuse(Reason.ADVISORY, "advisories", String.join(", ", refused), "none of these");
    }
    if (policy.minTcbDate().filter(tcb.tcbDate()::isBefore).isPresent()) {
      refuse(
          Reason.TCB_AGE, "TCB date", tcb.tcbDate() + "", policy.minTcbDate().get() + " or later");
    }
    if (tcb.tcbEvaluationDataNumber() < policy.minTcbEvaluationDataNumber()) {
      refuse(
          Reason.TCB_AGE,
          "TCB evaluation data number",
          tcb.tcbEvaluationDataNumber() + "",
          policy.minTcbEvaluationDataNumber() + " or more");
    }
  }

  private static String details(TcbAppraisal tcb) {
    return " (platform %s%s, QE %s%s)"
        .formatted(
            tcb.platformStatus(),
            tcb.tdxModuleStatus().map(status -> ", TDX module " + status).orElse(""),
            tcb.qeStatus(),
            tcb.advisories().isEmpty() ? "" : "; " + String.join(", ", tcb.advisories()));
  }

  private static String labels(Collection<TcbStatus> statuses) {
    return statuses.stream().sorted().map(TcbStatus::label).collect(Collectors.joining(", "));
  }

  private void checkVersions(Quote quote, CertifiedKey key) {
    MinimumVersions least = policy.minimumVersions();
    least
        .teeTcbSvn()
        .ifPresent(
            required ->
                quote
                    .td()
                    .ifPresent(td -> atLeast("TEE_TCB_SVN", unsigned(td.teeTcbSvn()), required)));
    least
        .cpuSvn()
        .ifPresent(
            required ->
                atLeast("SGX components of the PCK", key.platform().componentSvns(), required));
    least.pceSvn().ifPresent(required -> atLeast("PCESVN", key.platform().pceSvn(), required));
    least
        .qeIsvSvn()
        .ifPresent(required -> atLeast("ISVSVN of the QE", key.qeReport().isvSvn(), required));
    if (quote.body() instanceof EnclaveReportBody enclave) {
      least.isvSvn().ifPresent(required -> atLeast("ISVSVN", enclave.isvSvn(), required));
    }
  }

  private void atLeast(String field, int found, int required) {
    if (found < required) {
      refuse(Reason.SECURITY_VERSION, field, found + "", required + " or more");
    }
  }

  private void atLeast(String field, List<Integer> found, List<Integer> required) {
    for (int i = 0; i < required.size(); i++) {
      if (found.get(i) < required.get(i)) {
        refuse(Reason.SECURITY_VERSION, field, found + "", required + " or more in each place");
        return;
      }
    }
  }

  private static List<Integer> unsigned(byte[] bytes) {
    List<Integer> numbers = new ArrayList<>();
    for (byte b : bytes) {
      numbers.add(Byte.toUnsignedInt(b));
    }
    return numbers;
  }

  private void checkAttributes(TdQuoteBody td) {
    long attributes = td.tdAttributes();
    if (TdAttribute.reserved(attributes) != 0) {
      refuse(
          Reason.ATTRIBUTES,
          "TD attributes",
          text(attributes),
          "no reserved bits (%016x)".formatted(TdAttribute.reserved(attributes)));
    }
    for (TdAttribute attribute : TdAttribute.in(attributes)) {
      switch (attribute) {
        case DEBUG, HGS_PLUS_PROF, PERF_PROF, PMT_PROF ->
            forbid(attribute, policy.allowDebug(), attributes);
        case MIGRATABLE -> forbid(attribute, policy.allowMigration(), attributes);
        case ICSSD, LASS, SEPT_VE_DISABLE, PKS, KL, TPA, PERFMON -> {}
      }
    }
    for (TdAttribute required : policy.requiredTdAttributes()) {
      if ((attributes & required.mask()) == 0) {
        refuse(Reason.ATTRIBUTES, "TD attributes", text(attributes), required + " set");
      }
    }
  }

  private static String text(long attributes) {
    return "%016x %s".formatted(attributes, TdAttribute.in(attributes));
  }

  private void forbid(TdAttribute attribute, boolean allowed, long attributes) {
    if (!allowed) {
      refuse(Reason.ATTRIBUTES, "TD attributes", text(attributes), attribute + " clear");
    }
  }

  private void checkAttributes(EnclaveReportBody enclave) {
    if (enclave.isDebuggable() && !policy.allowDebug()) {
      refuse(
          Reason.ATTRIBUTES,
          "ATTRIBUTES of the enclave",
          HEX.formatHex(enclave.attributes()),
          "DEBUG clear");
    }
  }

  private void checkMeasurement(Measurement measurement, Quote quote) {
    Set<String> expected = policy.expected().get(measurement);
    String found = measurement.in(quote).map(HEX::formatHex).orElse("absent");
    if (expected == null && measurement == Measurement.MRSERVICETD) {
      expected = Set.of("0".repeat(2 * measurement.size()), "absent");
    }
    if (expected != null && !expected.contains(found)) {
      refuse(
          Reason.MEASUREMENT,
          measurement.name(),
          found,
          expected.isEmpty() ? "nothing" : String.join(" or ", new TreeSet<>(expected)));
    }
  }
}
