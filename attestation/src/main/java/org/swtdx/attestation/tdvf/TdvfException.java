package org.swtdx.attestation.tdvf;

import java.io.Serial;

/** A firmware image that can't be used as a TDVF; the message is one line with the remedy. */
public final class TdvfException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  /** What is wrong with the image. */
  public enum Problem {
    /** Neither a GUIDed table entry nor the fixed offset leads to TDX metadata. */
    NO_TDX_METADATA,
    /** The metadata offset, signature, version or length is wrong. */
    BROKEN_METADATA,
    /** The image ends before what the metadata names. */
    TRUNCATED,
    /** An address or size is not a multiple of 4 KiB. */
    MISALIGNED,
    /** A field of a section contradicts another one. */
    BROKEN_SECTION,
    /** Two sections claim the same guest memory. */
    OVERLAP,
    /** A section lies where the machine has neither RAM nor firmware. */
    OUTSIDE_RAM,
    /** There is no section for the hand-off block list, or more than one. */
    NO_TD_HOB,
    /** There is no boot firmware volume. */
    NO_BFV,
    /** The image is larger than the window below 4 GiB. */
    TOO_LARGE
  }

  private final Problem problem;
  private final String reason;
  private final String remedy;

  /**
   * Creates the exception.
   *
   * @param problem its kind
   * @param reason what was found, one line without a full stop
   * @param remedy what to do, one line without a full stop
   */
  public TdvfException(Problem problem, String reason, String remedy) {
    super(reason + "; " + remedy);
    this.problem = problem;
    this.reason = reason;
    this.remedy = remedy;
  }

  /** The kind of problem. */
  public Problem problem() {
    return problem;
  }

  /** What was found. */
  public String reason() {
    return reason;
  }

  /** What to do about it. */
  public String remedy() {
    return remedy;
  }
}
