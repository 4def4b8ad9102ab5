package org.swtdx.seamcall.port;

/**
 * The registers that SEAMCALL passes and returns. RAX carries leaf and version in, status out;
 * vector registers matter to TDH.VP.ENTER only. Mutable and reusable: one per calling thread.
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

  /** XMM0 to XMM15: bits 63:0 of register n at index 2n, bits 127:64 after them. */
  public final long[] xmm = new long[32];

  /** Creates registers of zero. */
  public SeamRegisters() {}
}
