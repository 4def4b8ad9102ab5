package org.swtdx.cpu;

/**
 * A guest processor: register state, TLB, decoded-code cache and controls. {@link #run} executes
 * guest instructions on the calling thread until a VM exit.
 */
public final class Processor {
  /** Event types of VM-entry interruption information, SDM Vol. 3C 26.8.3. */
  public static final int EXTERNAL_INTERRUPT = 0,
      NMI = 2,
      HARDWARE_EXCEPTION = 3,
      SOFTWARE_INTERRUPT = 4,
      PRIVILEGED_SOFTWARE_EXCEPTION = 5,
      SOFTWARE_EXCEPTION = 6;

  /**
   * Creates a processor in the state after INIT.
   *
   * @param platform the machine it runs on
   * @param map its second-level translation
   */
  public Processor(Platform platform, GuestPhysicalMap map) {
    throw new UnsupportedOperationException();
  }

  /** Register state, to be used between VM exits. */
  public CpuState state() {
    throw new UnsupportedOperationException();
  }

  /** VM-execution controls, to be changed between VM exits. */
  public VmControls controls() {
    throw new UnsupportedOperationException();
  }

  /** The exit information of the last {@link #run}. */
  public VmExit exit() {
    throw new UnsupportedOperationException();
  }

  /** The virtual APIC. */
  public VirtualApic apic() {
    throw new UnsupportedOperationException();
  }

  /** The #VE information area. */
  public VeInformation veInformation() {
    throw new UnsupportedOperationException();
  }

  /**
   * Enters the guest on {@code lp} and runs it until a VM exit; {@link #exit} then says why. Never
   * throws for anything a guest does.
   */
  public void run(LogicalProcessor lp) {
    throw new UnsupportedOperationException();
  }

  /**
   * Sets the event that the next entry delivers (VM-entry interruption information).
   *
   * @param vector 0 to 255
   * @param type one of the constants above
   * @param errorCode error code, or -1 for none
   * @param instructionLength for software events, else 0
   */
  public void inject(int vector, int type, int errorCode, int instructionLength) {
    throw new UnsupportedOperationException();
  }

  /**
   * Fills the #VE information area from the last exit and injects #VE at the next entry.
   *
   * @return false when the area is still busy; nothing is injected then
   */
  public boolean injectVirtualizationException() {
    throw new UnsupportedOperationException();
  }

  /** Advances RIP over the instruction that exited and ends STI/MOV-SS blocking. */
  public void skipInstruction() {
    throw new UnsupportedOperationException();
  }

  /** Drops all cached translations, first- and second-level. Any thread; takes effect at once. */
  public void flushTranslations() {
    throw new UnsupportedOperationException();
  }

  /** Makes an NMI pending. Any thread. */
  public void requestNmi() {
    throw new UnsupportedOperationException();
  }

  /** The TSC value the guest reads now. */
  public long guestTsc() {
    throw new UnsupportedOperationException();
  }

  /** Instructions executed so far. */
  public long instructionCount() {
    throw new UnsupportedOperationException();
  }

  /** Detaches from memory; the processor must not run again. */
  public void close() {
    throw new UnsupportedOperationException();
  }
}
