package org.swtdx.cpu;

/**
 * The architectural register state of a guest processor, as VM entry and exit see it. Whoever
 * created the {@link Processor} owns it; it may be used between VM exits only, by the thread that
 * runs the processor.
 */
public interface CpuState {
  /** General-purpose register numbers, as instructions encode them. */
  int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

  /** Returns a general-purpose register by its encoding (R8 is 8). */
  long gpr(int index);

  /** Sets a general-purpose register. */
  void setGpr(int index, long value);

  /** Instruction pointer. */
  long rip();

  /** Linear address of the instruction at RIP. */
  default long linearRip() {
    return in64BitMode() ? rip() : segment(SegmentRegister.CS).base() + rip() & 0xffff_ffffL;
  }

  /** Sets the instruction pointer. */
  void setRip(long value);

  /** RFLAGS, bit 1 always set. */
  long rflags();

  /** Sets RFLAGS; reserved bits are forced. */
  void setRflags(long value);

  /** A segment register with its hidden part; index as in {@link SegmentRegister}. */
  SegmentRegister segment(int index);

  /** Sets a segment register with its hidden part. */
  void setSegment(int index, SegmentRegister value);

  /** GDTR base. */
  long gdtBase();

  /** GDTR limit. */
  int gdtLimit();

  /** Sets GDTR. */
  void setGdt(long base, int limit);

  /** IDTR base. */
  long idtBase();

  /** IDTR limit. */
  int idtLimit();

  /** Sets IDTR. */
  void setIdt(long base, int limit);

  /** Control register 0, 2, 3, 4 or 8 (its real value, not the read shadow). */
  long cr(int number);

  /** Sets a control register without the checks of MOV to CR; flushes what that requires. */
  void setCr(int number, long value);

  /**
   * Reads the four page-directory-pointer registers of PAE paging.
   *
   * @return false when they are still to be loaded from the table that CR3 points to
   */
  boolean readPdptes(long[] target);

  /**
   * Sets the page-directory-pointer registers, after CR0, CR3 and CR4, which have them loaded from
   * memory. They stay until the guest loads them.
   */
  void writePdptes(long[] values);

  /** Debug register 0 to 3, 6 or 7. */
  long dr(int number);

  /** Sets a debug register. */
  void setDr(int number, long value);

  /** XCR0. */
  long xcr0();

  /** Sets XCR0 without the checks of XSETBV. */
  void setXcr0(long value);

  /** Reads an MSR that the processor itself implements (EFER, STAR, FS base, XSS, …); 0 if none. */
  long msr(int index);

  /** Writes an MSR that the processor itself implements; returns whether it exists. */
  boolean setMsr(int index, long value);

  /** Current privilege level. */
  int cpl();

  /** Whether the processor executes in 64-bit mode (EFER.LMA and CS.L). */
  boolean in64BitMode();

  /** Activity state: 0 active, 1 HLT, 2 shutdown, 3 wait-for-SIPI. */
  int activityState();

  /** Sets the activity state. */
  void setActivityState(int state);

  /** Interruptibility state: bit 0 STI, bit 1 MOV SS, bit 3 blocking by NMI. */
  int interruptibility();

  /** Sets the interruptibility state. */
  void setInterruptibility(int value);

  /** Pending debug exceptions (DR6 format plus bit 12 enabled breakpoint). */
  long pendingDebug();

  /** Sets the pending debug exceptions. */
  void setPendingDebug(long value);

  /**
   * Writes the XSAVE image of all components in standard form into {@code area} (4096 bytes),
   * whatever XCR0 is; XSTATE_BV names those in use.
   */
  void readXsave(byte[] area);

  /**
   * Loads x87, SSE and extended state from a standard-form XSAVE image; what XSTATE_BV does not
   * name becomes initial.
   */
  void writeXsave(byte[] area);

  /** Low 128 bits of XMM {@code index} in {@code [0]} low, {@code [1]} high. */
  void readXmm(int index, long[] target);

  /** Sets the low 128 bits of XMM {@code index}. */
  void writeXmm(int index, long low, long high);
}
