package org.swtdx.cpu;

/**
 * The virtualization-exception information area of one processor, SDM Vol. 3C 27.5.7.2. {@code
 * valid} is the area's busy word: while it is set a further convertible EPT violation exits.
 */
public final class VeInformation {
  /** Set when a #VE was delivered and its information not yet taken. */
  public boolean valid;

  /** Exit reason that became the exception. */
  public int exitReason;

  /** Exit qualification. */
  public long qualification;

  /** Guest linear address. */
  public long guestLinearAddress;

  /** Guest physical address. */
  public long guestPhysicalAddress;

  /** Instruction length. */
  public int instructionLength;

  /** Instruction information. */
  public int instructionInfo;

  /** Creates an area that is not busy. */
  public VeInformation() {}

  /** Takes over what an exit reports and becomes busy. */
  public void fill(VmExit exit) {
    valid = true;
    exitReason = exit.reason;
    qualification = exit.qualification;
    guestLinearAddress = exit.guestLinearAddress;
    guestPhysicalAddress = exit.guestPhysicalAddress;
    instructionLength = exit.instructionLength;
    instructionInfo = exit.instructionInfo;
  }
}
