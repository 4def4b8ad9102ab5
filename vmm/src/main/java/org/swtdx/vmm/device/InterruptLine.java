package org.swtdx.vmm.device;

/** An interrupt request line, active high. */
@FunctionalInterface
public interface InterruptLine {
  /** A line that leads nowhere. */
  InterruptLine NONE = _ -> {};

  /**
   * Drives the line.
   *
   * @param active its new level
   */
  void set(boolean active);
}
