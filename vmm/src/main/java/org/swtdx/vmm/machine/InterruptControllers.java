package org.swtdx.vmm.machine;

import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.device.InterruptLine;

/** The machine's interrupt controllers and its 8254, in this process or in the kernel. */
public interface InterruptControllers {
  /**
   * A line into them: 0 to 15 are the ISA interrupts, 16 to 23 reach the I/O APIC only.
   *
   * @param number the interrupt's number
   */
  InterruptLine line(int number);

  /** Claims the registers of those that are in this process. */
  void place(SystemBus bus);

  /**
   * Takes interrupt 0 away from the 8254, or gives it back.
   *
   * @param replaced whether another timer drives interrupt 0
   */
  void replaceTimer(boolean replaced);

  /**
   * A CPU has ended a level-triggered interrupt.
   *
   * @param vector its vector
   */
  void endOfInterrupt(int vector);
}
