package org.swtdx.vmm;

/**
 * Hears how a launch goes; called on the launching thread and, for conversions, on vCPU threads.
 */
public interface LaunchListener {
  /** Hears nothing. */
  LaunchListener NONE = new LaunchListener() {};

  /**
   * A phase begins.
   *
   * @param phase the phase
   */
  default void began(Phase phase) {}

  /**
   * A phase ended.
   *
   * @param phase the phase
   * @param nanos how long it took
   */
  default void ended(Phase phase, long nanos) {}

  /**
   * Pages were added during {@link Phase#PAGES}.
   *
   * @param added pages added so far
   * @param total pages to add in all
   * @param measured whether the latest ones were measured
   */
  default void pagesAdded(long added, long total, boolean measured) {}

  /**
   * The guest converted pages.
   *
   * @param gpa first address
   * @param pages number of 4 KiB pages
   * @param toPrivate whether they are private now
   */
  default void converted(long gpa, long pages, boolean toPrivate) {}

  /**
   * Something unusual that doesn't end the run.
   *
   * @param message one line
   */
  default void remark(String message) {}
}
