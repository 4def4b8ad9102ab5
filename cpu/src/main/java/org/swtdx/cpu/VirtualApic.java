package org.swtdx.cpu;

/**
 * The virtual-APIC page of a processor with APIC virtualization: TPR, IRR, ISR and the rules of
 * virtual-interrupt delivery (SDM Vol. 3C 31.2). Owned by the thread that runs the processor; other
 * threads deliver through the posted-interrupt descriptor.
 */
public interface VirtualApic {
  /** Reads the 32-bit register at byte {@code offset} of the virtual-APIC page. */
  int read(int offset);

  /** Writes the 32-bit register at byte {@code offset} without side effects. */
  void write(int offset, int value);

  /** Makes {@code vector} pending in the virtual IRR. */
  void request(int vector);

  /** Moves what the posted-interrupt descriptor holds into the virtual IRR. */
  void syncPostedInterrupts();

  /** Whether an interrupt of sufficient priority is pending (RVI above PPR), IF disregarded. */
  boolean interruptPending();
}
