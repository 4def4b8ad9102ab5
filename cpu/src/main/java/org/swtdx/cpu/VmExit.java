package org.swtdx.cpu;

/** What a VM exit reports, the VM-exit information fields of SDM Vol. 3C 26.9. Reused per run. */
public final class VmExit {
  /** Basic exit reason, SDM Vol. 3D Appendix C. */
  public int reason;

  /** Exit qualification. */
  public long qualification;

  /** Guest linear address, for EPT violations and LMSW/string I/O. */
  public long guestLinearAddress;

  /** Guest physical address, for EPT violations and misconfigurations. */
  public long guestPhysicalAddress;

  /** VM-exit interruption information; bit 31 valid. */
  public int interruptionInfo;

  /** VM-exit interruption error code. */
  public int interruptionErrorCode;

  /** IDT-vectoring information: the event that was being delivered; bit 31 valid. */
  public int idtVectoringInfo;

  /** IDT-vectoring error code. */
  public int idtVectoringErrorCode;

  /** Length of the instruction that caused the exit, in bytes. */
  public int instructionLength;

  /** VM-exit instruction information. */
  public int instructionInfo;

  /** Creates a cleared record. */
  public VmExit() {}

  /** Clears every field. */
  public void clear() {
    reason = 0;
    qualification = 0;
    guestLinearAddress = 0;
    guestPhysicalAddress = 0;
    interruptionInfo = 0;
    interruptionErrorCode = 0;
    idtVectoringInfo = 0;
    idtVectoringErrorCode = 0;
    instructionLength = 0;
    instructionInfo = 0;
  }
}
