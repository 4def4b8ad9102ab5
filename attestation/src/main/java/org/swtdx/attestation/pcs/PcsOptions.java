package org.swtdx.attestation.pcs;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How to ask.
 *
 * @param service the service, without {@code /sgx/certification/v4}
 * @param timeout for one answer, from connecting to its last byte
 * @param attempts how often an answer is asked for at most, at least once
 * @param firstPause before the second attempt; doubles from there on
 * @param longestPause the longest, also of those that a service asks for
 * @param largestAnswer bytes of a body
 * @param update early or standard, when TCB recoveries show; the service's default when empty
 * @param evaluationDataNumber which TCB recovery's data; excludes {@code update}
 * @param longestAge cached answers are asked for again after this time, even if still valid
 */
public record PcsOptions(
    URI service,
    Duration timeout,
    int attempts,
    Duration firstPause,
    Duration longestPause,
    int largestAnswer,
    Optional<Update> update,
    OptionalInt evaluationDataNumber,
    Duration longestAge) {
  /** Intel's own service. */
  public static final URI INTEL = URI.create("https://api.trustedservices.intel.com");

  /** When TCB recoveries show. */
  public enum Update {
    /** As soon as they are announced. */
    EARLY("early"),
    /** When the time to install updates is over. */
    STANDARD("standard");

    private final String label;

    Update(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /** Checks that the options make sense together. */
  public PcsOptions {
    if (attempts < 1 || largestAnswer < 1 || !timeout.isPositive()) {
      throw new IllegalArgumentException("attempts, sizes and times must be positive");
    }
    if (update.isPresent() && evaluationDataNumber.isPresent()) {
      throw new IllegalArgumentException(
          "an update and an evaluation data number exclude each other");
    }
    service = base(service);
  }

  /** The usual options for a service. */
  public static PcsOptions of(URI service) {
    return new PcsOptions(
        service,
        Duration.ofSeconds(20),
        4,
        Duration.ofMillis(500),
        Duration.ofSeconds(30),
        1 << 20,
        Optional.empty(),
        OptionalInt.empty(),
        Duration.ofDays(1));
  }

  /** Returns a copy with another time for an answer. */
  public PcsOptions withTimeout(Duration value) {
    return new PcsOptions(
        service,
        value,
        attempts,
        firstPause,
        longestPause,
        largestAnswer,
        update,
        evaluationDataNumber,
        longestAge);
  }

  /** Returns a copy that asks for the data of a certain time. */
  public PcsOptions withUpdate(Optional<Update> value, OptionalInt number) {
    return new PcsOptions(
        service,
        timeout,
        attempts,
        firstPause,
        longestPause,
        largestAnswer,
        value,
        number,
        longestAge);
  }

  /** Whether it is Intel's own service, which keeps the root's list at another place. */
  boolean isIntel() {
    return INTEL.getHost().equals(service.getHost());
  }

  /** What other programs are configured with ends with the API's path; ours adds it itself. */
  private static URI base(URI service) {
    String text = service.toString();
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    for (String tee : new String[] {"/sgx", "/tdx"}) {
      if (text.endsWith(tee + "/certification/v4")) {
        text = text.substring(0, text.length() - (tee + "/certification/v4").length());
      }
    }
    URI base = URI.create(text);
    if (!"https".equals(base.getScheme()) && !"http".equals(base.getScheme())
        || base.getHost() == null) {
      throw new IllegalArgumentException(
          "'" + service + "' is no address of a service; write for example https://localhost:8081");
    }
    return base;
  }
}
