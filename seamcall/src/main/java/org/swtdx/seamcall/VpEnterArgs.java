package org.swtdx.seamcall;

import org.swtdx.seamcall.port.SeamRegisters;

/**
 * The registers that TDH.VP.ENTER takes and returns, and {@link #ret}: the raw return value. They
 * hold what the TD chose to show in a TDVMCALL, or the description of an asynchronous exit. One per
 * vCPU; what is left here is passed back at the next entry.
 */
public final class VpEnterArgs {
  /** The registers; RAX is overwritten at entry. */
  public final SeamRegisters regs = new SeamRegisters();

  /** RAX after the last entry. Raw: an exit reason is in it only if the status says so. */
  public long ret;

  /** Creates registers of zero. */
  public VpEnterArgs() {}
}
