package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.Tdmr;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * TDH.SYS.TDMR.INIT, leaf 36: initializes the PAMT for the next 4 MiB of a TDMR. A 1 GiB block can
 * be used when all of it is done.
 */
final class TdhSysTdmrInit implements HostLeaf {
  private static final long STEP = 1024L << 12;
  private static final long ENTRIES_PER_PAGE = 256;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    regs.rdx = 0;
    call.checkPrivateHpa(regs.rcx, PageSize.bytes(PageSize.LEVEL_1G), Operand.RCX);
    Tdmr tdmr = call.platform().pamt().startingAt(regs.rcx);
    if (tdmr == null) {
      throw new Refusal(Status.OPERAND_INVALID, Operand.RCX);
    }
    call.lock(tdmr.initLock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.RCX));
    long next = tdmr.initialized();
    if (next >= tdmr.end()) {
      return Status.TDMR_ALREADY_INITIALIZED;
    }

    for (int level = PageSize.LEVEL_4K; level <= PageSize.LEVEL_1G; level++) {
      takePamt(call.platform(), tdmr, level, next);
    }
    tdmr.setInitialized(next + STEP);

    regs.rdx = tdmr.initialized() & -PageSize.bytes(PageSize.LEVEL_1G);
    return Status.SUCCESS;
  }

  /** Takes the PAMT pages whose first entry is for memory of this step for the module's key. */
  private static void takePamt(TdxPlatform platform, Tdmr tdmr, int level, long hpa) {
    long covered = ENTRIES_PER_PAGE << PageSize.shift(level);
    long from = hpa - tdmr.base();
    for (long at = (from + covered - 1) / covered * covered; at < from + STEP; at += covered) {
      platform.takePage(tdmr.pamtArea(level).base() + at / covered * 4096, platform.globalKeyId());
    }
  }
}
