package org.swtdx.tdxmodule.platform;

/**
 * What can come between a leaf and its success through nobody's fault. A module runs with {@link
 * #NONE}: what follows then is only what really happens. Tests put one in its place to meet each
 * such outcome on demand.
 */
public interface Disturbances {
  /** Nothing beyond what really happens. */
  Disturbances NONE = new Disturbances() {};

  /**
   * Whether a host leaf shall find a lock held elsewhere.
   *
   * @param operand id of the operand or object that would be blamed, see {@code Operand}
   */
  default boolean busyForHost(int operand) {
    return false;
  }

  /** As {@link #busyForHost} for a leaf of the guest. */
  default boolean busyForGuest(int operand) {
    return false;
  }

  /** Whether the random number generator has nothing to give. */
  default boolean noEntropy() {
    return false;
  }

  /** Whether an interrupt shall be pending where a leaf looks for one. */
  default boolean interruptPending() {
    return false;
  }
}
