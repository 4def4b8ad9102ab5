package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.OpState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MNG.ADDCX, leaf 1: adds a page to the TD control structure. */
final class TdhMngAddcx implements HostLeaf {
  private static final int MSR_BITMAP_PAGE = 2;
  private static final int KEY_WORDS = 4;
  private static final byte[] ONES = new byte[4096];

  static {
    java.util.Arrays.fill(ONES, (byte) -1);
  }

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    Tdr tdr = call.lockTdr(regs.rdx, Operand.RDX, SeamCall.EXCLUSIVE);
    Refusal.unless(!tdr.fatal(), Status.TD_FATAL);
    Refusal.unless(
        tdr.lifecycle() == LifecycleState.TD_KEYS_CONFIGURED, Status.TD_KEYS_NOT_CONFIGURED);
    int pages = tdr.tdcxPages().size();
    Refusal.unless(pages < Tdcs.BASE_PAGES, Status.TDCX_NUM_INCORRECT);
    Refusal.unless(tdr.tdcs().opState() == OpState.UNINITIALIZED, Status.OP_STATE_INCORRECT);
    PamtEntry page = call.lockPage(regs.rcx, Operand.RCX, SeamCall.EXCLUSIVE, PageType.NDA);
    if (pages == Tdcs.BASE_PAGES - 1) {
      tdr.tdcs().setMigrationEncryptionKey(migrationKey(call.platform()));
    }

    call.platform().takePage(regs.rcx, tdr.keyId());
    if (pages == MSR_BITMAP_PAGE) {
      long keyed = call.platform().layout().keyed(regs.rcx, tdr.keyId());
      call.platform().bus().write(keyed, ONES, 0, ONES.length);
    }
    page.assign(PageType.TDCX, tdr.hpa());
    tdr.tdcxPages().add(regs.rcx);
    tdr.addChild(PageSize.LEVEL_4K);
    return Status.SUCCESS;
  }

  private static long[] migrationKey(TdxPlatform platform) throws Refusal {
    long[] key = new long[KEY_WORDS];
    for (int i = 0; i < key.length; i++) {
      key[i] = platform.random();
    }
    return key;
  }
}
