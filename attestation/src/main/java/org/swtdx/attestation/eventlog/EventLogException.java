package org.swtdx.attestation.eventlog;

import java.io.Serial;

/** An event log that can't be read; the message is one line with the remedy. */
public final class EventLogException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong with the log. */
  public enum Problem {
    /** The input is empty, or nothing but the fill of an unused log area. */
    EMPTY,
    /** The input is larger than any event log. */
    TOO_LARGE,
    /** The input is something else. */
    NOT_A_LOG,
    /** The first event is no "Spec ID Event03", so the log isn't crypto-agile. */
    WRONG_SPEC_ID,
    /** A digest has an algorithm that the header doesn't announce or that is not known. */
    UNKNOWN_ALGORITHM,
    /** A count or a length contradicts the rest. */
    BAD_LENGTH,
    /** The log ends inside an event. */
    TRUNCATED,
    /** The JSON document isn't one of the known forms. */
    BAD_JSON
  }

  private final Problem problem;

  /**
   * Creates the exception.
   *
   * @param problem its kind
   * @param reason what was found, one line without a full stop
   * @param remedy what to do, one line without a full stop
   */
  public EventLogException(Problem problem, String reason, String remedy) {
    super(reason + "; " + remedy);
    this.problem = problem;
  }

  /** The kind of problem. */
  public Problem problem() {
    return problem;
  }
}
