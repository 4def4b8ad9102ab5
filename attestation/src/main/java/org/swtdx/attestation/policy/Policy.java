package org.swtdx.attestation.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.swtdx.attestation.collateral.TcbStatus;
import org.swtdx.attestation.quote.TdAttribute;

/**
 * What is demanded of a quote. {@link #strict()} accepts a TCB that is {@code UpToDate} and no
 * debugging, and demands no measurement; everything else is said by name. Immutable.
 *
 * @param acceptedTcbStatuses TCB statuses that will do
 * @param acceptedAdvisories when present, every advisory that applies has to be among these
 * @param refusedAdvisories advisories that must not apply
 * @param minTcbDate when present, the date that platform, TDX module and quoting enclave must reach
 * @param minTcbEvaluationDataNumber the least that TCB info and QE identity may have
 * @param minimumVersions the least security versions
 * @param allowDebug whether the TD or enclave may be debugged or profiled by the host
 * @param allowMigration whether the TD may be moved to another platform
 * @param requiredTdAttributes attributes that the TD must have
 * @param collateralGrace how long after its expiry collateral is still used
 * @param expected values that a measurement may have, lower-case hexadecimal; any if not named
 * @param signaturesOnly whether a quote is judged without collateral: its TCB stays unknown
 */
public record Policy(
    Set<TcbStatus> acceptedTcbStatuses,
    Optional<Set<String>> acceptedAdvisories,
    Set<String> refusedAdvisories,
    Optional<Instant> minTcbDate,
    int minTcbEvaluationDataNumber,
    MinimumVersions minimumVersions,
    boolean allowDebug,
    boolean allowMigration,
    Set<TdAttribute> requiredTdAttributes,
    Duration collateralGrace,
    Map<Measurement, Set<String>> expected,
    boolean signaturesOnly) {
  /** Copies the collections. */
  public Policy {
    acceptedTcbStatuses = Set.copyOf(acceptedTcbStatuses);
    acceptedAdvisories = acceptedAdvisories.map(Set::copyOf);
    refusedAdvisories = Set.copyOf(refusedAdvisories);
    requiredTdAttributes = Set.copyOf(requiredTdAttributes);
    Map<Measurement, Set<String>> copy = new EnumMap<>(Measurement.class);
    expected.forEach((measurement, values) -> copy.put(measurement, Set.copyOf(values)));
    expected = Map.copyOf(copy);
  }

  /** The policy that accepts {@code UpToDate} alone. */
  public static Policy strict() {
    return builder().build();
  }

  /** Starts a policy that is strict but for what is said. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns this policy without what needs collateral. */
  public Policy withSignaturesOnly() {
    return new Policy(
        acceptedTcbStatuses,
        acceptedAdvisories,
        refusedAdvisories,
        minTcbDate,
        minTcbEvaluationDataNumber,
        minimumVersions,
        allowDebug,
        allowMigration,
        requiredTdAttributes,
        collateralGrace,
        expected,
        true);
  }

  /** Builds a policy, starting from the strict one. */
  public static final class Builder {
    private Set<TcbStatus> acceptedTcbStatuses = EnumSet.of(TcbStatus.UP_TO_DATE);
    private Optional<Set<String>> acceptedAdvisories = Optional.empty();
    private Set<String> refusedAdvisories = Set.of();
    private Optional<Instant> minTcbDate = Optional.empty();
    private int minTcbEvaluationDataNumber;
    private MinimumVersions minimumVersions = MinimumVersions.NONE;
    private boolean allowDebug;
    private boolean allowMigration;
    private Set<TdAttribute> requiredTdAttributes = Set.of();
    private Duration collateralGrace = Duration.ZERO;
    private final Map<Measurement, Set<String>> expected = new HashMap<>();
    private boolean signaturesOnly;

    private Builder() {}

    /** Accepts these TCB statuses and no others. */
    public Builder acceptedTcbStatuses(Set<TcbStatus> statuses) {
      acceptedTcbStatuses = statuses;
      return this;
    }

    /** Accepts these advisories and no others. */
    public Builder acceptedAdvisories(Set<String> advisories) {
      acceptedAdvisories = Optional.of(advisories);
      return this;
    }

    /** Refuses these advisories. */
    public Builder refusedAdvisories(Set<String> advisories) {
      refusedAdvisories = advisories;
      return this;
    }

    /** Refuses a TCB that is older. */
    public Builder minTcbDate(Instant date) {
      minTcbDate = Optional.of(date);
      return this;
    }

    /** Refuses collateral with a lower evaluation data number. */
    public Builder minTcbEvaluationDataNumber(int number) {
      minTcbEvaluationDataNumber = number;
      return this;
    }

    /** Refuses lower security versions. */
    public Builder minimumVersions(MinimumVersions versions) {
      minimumVersions = versions;
      return this;
    }

    /** Accepts what the host can debug or profile. */
    public Builder allowDebug(boolean allow) {
      allowDebug = allow;
      return this;
    }

    /** Accepts TDs that can be moved to another platform. */
    public Builder allowMigration(boolean allow) {
      allowMigration = allow;
      return this;
    }

    /** Refuses TDs without these attributes. */
    public Builder requiredTdAttributes(Set<TdAttribute> attributes) {
      requiredTdAttributes = attributes;
      return this;
    }

    /** Accepts collateral for that long after its expiry. */
    public Builder collateralGrace(Duration grace) {
      collateralGrace = grace;
      return this;
    }

    /**
     * Accepts these values of a measurement and no others; called again, more of them.
     *
     * @throws IllegalArgumentException when a value has not the measurement's size
     */
    public Builder expect(Measurement measurement, byte[]... values) {
      Set<String> set = expected.computeIfAbsent(measurement, _ -> new HashSet<>());
      for (byte[] value : values) {
        if (value.length != measurement.size()) {
          throw new IllegalArgumentException(
              measurement + " has " + measurement.size() + " bytes, not " + value.length);
        }
        set.add(HexFormat.of().formatHex(value));
      }
      return this;
    }

    /** Judges signatures, attributes and measurements alone, without collateral. */
    public Builder signaturesOnly(boolean only) {
      signaturesOnly = only;
      return this;
    }

    /** Returns the policy. */
    public Policy build() {
      return new Policy(
          acceptedTcbStatuses,
          acceptedAdvisories,
          refusedAdvisories,
          minTcbDate,
          minTcbEvaluationDataNumber,
          minimumVersions,
          allowDebug,
          allowMigration,
          requiredTdAttributes,
          collateralGrace,
          expected,
          signaturesOnly);
    }
  }
}
