package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.Kot;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdr;

/** TDH.MNG.CREATE, leaf 9: makes a page the root of a new TD and gives the TD a KeyID. */
final class TdhMngCreate implements HostLeaf {
  private static final int UUID_WORDS = 4;

  @Override
  public long execute(SeamCall call) throws Refusal {
    TdxPlatform platform = call.platform();
    SeamRegisters regs = call.regs();
    int keyId = (int) regs.rdx & 0xffff;
    Refusal.operandInvalidIf(regs.rdx >>> 16 != 0 || !platform.layout().isTdx(keyId), Operand.RDX);
    PamtEntry page = call.lockPage(regs.rcx, Operand.RCX, SeamCall.EXCLUSIVE, PageType.NDA);
    Kot kot = platform.kot();
    call.lock(kot.lock(), SeamCall.EXCLUSIVE, Status.with(Status.OPERAND_BUSY, Operand.KOT));
    Refusal.unless(kot.state(keyId) == Kot.State.FREE, Status.HKID_NOT_FREE);

    long[] uuid = new long[UUID_WORDS];
    for (int i = 0; i < UUID_WORDS; i++) {
      uuid[i] = platform.random();
    }
    kot.set(keyId, Kot.State.ASSIGNED);
    platform.takePage(regs.rcx, platform.globalKeyId());
    page.assign(PageType.TDR, 0);
    platform.pamt().giveOwnLock(page);
    long module = platform.range().installations();
    platform.tdrs().put(regs.rcx, new Tdr(regs.rcx, keyId, platform.layout(), uuid, module));
    return Status.SUCCESS;
  }
}
