package org.swtdx.tdxmodule.leaf;

import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdcs;

/** TDH.MEM.PAGE.RELOCATE, leaf 5: moves a 4 KiB page of a TD to another physical page. */
final class TdhMemPageRelocate implements HostLeaf {
  private static final int PAGE = 4096;

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    MemTarget target = MemTarget.lock(call, PageSize.LEVEL_4K, PageSize.LEVEL_4K);
    Tdcs tdcs = target.tdcs();
    SeptEntry entry = call.lockEntry(tdcs, target.at(), SeamCall.SHARED);
    call.requireState(entry);
    PamtEntry old = call.pamtOf(entry);
    Refusal.operandInvalidIf(regs.r8 == old.hpa(), Operand.R8);
    call.lock(old, SeamCall.EXCLUSIVE, Operand.RCX);
    call.requireTracked(tdcs, entry, old);
    PamtEntry page = call.lockPage(regs.r8, Operand.R8, SeamCall.EXCLUSIVE, PageType.NDA);

    SeptState state = entry.state();
    if (!state.isPending()) {
      copy(call.platform(), old.hpa(), regs.r8, tdcs.tdr().keyId());
    }
    page.assign(PageType.REG, tdcs.tdr().hpa());
    entry.setLeaf(state.unblocked(), regs.r8, tdcs.pendingCausesVe());
    old.free();

    regs.rcx = old.hpa();
    return Status.SUCCESS;
  }

  private static void copy(TdxPlatform platform, long from, long to, int keyId) {
    byte[] content = new byte[PAGE];
    platform.bus().read(platform.layout().keyed(from, keyId), content, 0, PAGE);
    platform.bus().write(platform.layout().keyed(to, keyId), content, 0, PAGE);
  }
}
