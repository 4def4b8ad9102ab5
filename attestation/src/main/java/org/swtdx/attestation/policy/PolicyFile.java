package org.swtdx.attestation.policy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.json.JsonFields;
import org.swtdx.attestation.json.JsonFormatException;
import org.swtdx.attestation.json.StrictJson;
import org.swtdx.attestation.quote.TdAttribute;

/**
 * Policies as JSON files. The schema is the resource {@code policy.schema.json} beside this class;
 * members that it does not name are refused, so that a misspelt demand is not a missing one.
 */
public final class PolicyFile {
  private static final int VERSION = 1;
  private static final int MAX_WIDE_SVN = 0xffff;
  private static final int MOST_GRACE_DAYS = 3650;

  private static final Set<String> MEMBERS =
      Set.of(
          "$schema",
          "version",
          "description",
          "acceptedTcbStatuses",
          "acceptedAdvisories",
          "refusedAdvisories",
          "minTcbDate",
          "minTcbEvaluationDataNumber",
          "minimumVersions",
          "allowDebug",
          "allowMigration",
          "requiredTdAttributes",
          "collateralGraceDays",
          "expected",
          "signaturesOnly");

  private static final List<String> NEED_COLLATERAL =
      List.of(
          "acceptedTcbStatuses",
          "acceptedAdvisories",
          "refusedAdvisories",
          "minTcbDate",
          "minTcbEvaluationDataNumber",
          "collateralGraceDays");

  private PolicyFile() {}

  /** Reads a policy. */
  public static Policy parse(byte[] json) throws PolicyException {
    try {
      JsonFields file = StrictJson.object(json, "policy");
      file.allowOnly(MEMBERS);
      file.integer("version", VERSION, VERSION);
      Policy.Builder policy = Policy.builder();
      readTcb(file, policy);
      readTd(file, policy);
      if (file.has("expected")) {
        readExpected(file.object("expected"), policy);
      }
      return policy.build();
    } catch (JsonFormatException e) {
      throw new PolicyException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Returns the JSON schema of policy files. */
  public static byte[] schema() {
    try (InputStream in = PolicyFile.class.getResourceAsStream("policy.schema.json")) {
      if (in == null) {
        throw new IllegalStateException("policy.schema.json is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readTcb(JsonFields file, Policy.Builder policy) throws JsonFormatException {
    if (file.has("acceptedTcbStatuses")) {
      Set<TcbStatus> statuses = EnumSet.noneOf(TcbStatus.class);
      for (String label : file.texts("acceptedTcbStatuses")) {
        statuses.add(
            TcbStatus.of(label)
                .orElseThrow(
                    () ->
                        new JsonFormatException(
                            "policy.acceptedTcbStatuses has the unknown status " + label)));
      }
      policy.acceptedTcbStatuses(statuses);
    }
    if (file.has("acceptedAdvisories")) {
      policy.acceptedAdvisories(new HashSet<>(file.texts("acceptedAdvisories")));
    }
    policy.refusedAdvisories(new HashSet<>(file.texts("refusedAdvisories")));
    if (file.has("minTcbDate")) {
      policy.minTcbDate(file.instant("minTcbDate"));
    }
    if (file.has("minTcbEvaluationDataNumber")) {
      policy.minTcbEvaluationDataNumber(
          file.integer("minTcbEvaluationDataNumber", 0, Integer.MAX_VALUE));
    }
    if (file.has("minimumVersions")) {
      policy.minimumVersions(versions(file.object("minimumVersions")));
    }
    if (file.has("collateralGraceDays")) {
      policy.collateralGrace(
          Duration.ofDays(file.integer("collateralGraceDays", 0, MOST_GRACE_DAYS)));
    }
    if (file.has("signaturesOnly")) {
      policy.signaturesOnly(file.bool("signaturesOnly"));
      for (String name : NEED_COLLATERAL) {
        if (file.bool("signaturesOnly") && file.has(name)) {
          throw new JsonFormatException(
              "policy.signaturesOnly contradicts policy." + name + ", which needs collateral");
        }
      }
    }
  }

  private static MinimumVersions versions(JsonFields file) throws JsonFormatException {
    file.allowOnly(Set.of("teeTcbSvn", "cpuSvn", "pceSvn", "qeIsvSvn", "isvSvn"));
    return new MinimumVersions(
        components(file, "teeTcbSvn"),
        components(file, "cpuSvn"),
        version(file, "pceSvn"),
        version(file, "qeIsvSvn"),
        version(file, "isvSvn"));
  }

  private static Optional<List<Integer>> components(JsonFields file, String name)
      throws JsonFormatException {
    if (!file.has(name)) {
      return Optional.empty();
    }
    List<Integer> components = new ArrayList<>();
    for (byte component : file.hex(name, 16)) {
      components.add(component & 0xff);
    }
    return Optional.of(List.copyOf(components));
  }

  private static Optional<Integer> version(JsonFields file, String name)
      throws JsonFormatException {
    return file.has(name) ? Optional.of(file.integer(name, 0, MAX_WIDE_SVN)) : Optional.empty();
  }

  private static void readTd(JsonFields file, Policy.Builder policy) throws JsonFormatException {
    if (file.has("allowDebug")) {
      policy.allowDebug(file.bool("allowDebug"));
    }
    if (file.has("allowMigration")) {
      policy.allowMigration(file.bool("allowMigration"));
    }
    Set<TdAttribute> attributes = EnumSet.noneOf(TdAttribute.class);
    for (String name : file.texts("requiredTdAttributes")) {
      attributes.add(
          TdAttribute.of(name)
              .orElseThrow(
                  () ->
                      new JsonFormatException(
                          "policy.requiredTdAttributes has the unknown attribute " + name)));
    }
    policy.requiredTdAttributes(attributes);
  }

  private static void readExpected(JsonFields file, Policy.Builder policy)
      throws JsonFormatException {
    List<String> keys = new ArrayList<>();
    for (Measurement measurement : Measurement.values()) {
      keys.add(measurement.key());
      if (file.has(measurement.key())) {
        List<byte[]> values = file.hexes(measurement.key(), measurement.size());
        policy.expect(measurement, values.toArray(byte[][]::new));
      }
    }
    file.allowOnly(keys);
  }
}
