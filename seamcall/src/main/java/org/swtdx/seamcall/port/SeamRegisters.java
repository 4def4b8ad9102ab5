package org.swtdx.seamcall.port;

/**
 * The general-purpose registers that SEAMCALL passes and returns. RAX carries leaf and version in,
 * status out. Mutable and reusable: one per calling thread.
 */
public final class SeamRegisters {
  public long rax;
  public long rcx;
  public long rdx;
  public long rbx;
  public long rbp;
  public long rsi;
  public long rdi;
  public long r8;
  public long r9;
  public long r10;
  public long r11;
  public long r12;
  public long r13;
  public long r14;
  public long r15;

  /** Creates registers of zero. */
  public SeamRegisters() {}
}
