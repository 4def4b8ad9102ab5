package org.swtdx.vmm.machine;

/** Hears what the guest does to the machine as a whole. */
public interface MachineControl {
  /** The guest entered S5. */
  void powerOff();

  /**
   * The guest reset the machine.
   *
   * @param through the register it used
   */
  void reset(String through);
}
