package org.swtdx.tdxmodule.leaf;

import java.util.Arrays;
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

/**
 * TDH.MEM.PAGE.ADD, leaf 2: maps a copy of a host page into a TD under construction and measures
 * its address.
 */
final class TdhMemPageAdd implements HostLeaf {
  private static final int PAGE = 4096;
  private static final byte[] ZEROS = new byte[PAGE];

  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    MemTarget target = MemTarget.lockExclusive(call, PageSize.LEVEL_4K, PageSize.LEVEL_4K);
    Tdcs tdcs = target.tdcs();
    GpaMapping at = target.at();
    SeptEntry entry = call.walk(tdcs.sept(), at);
    call.requireState(entry);
    call.checkSharedHpa(regs.r9, PAGE, Operand.R9);
    PamtEntry page = call.lockPage(regs.r8, Operand.R8, SeamCall.EXCLUSIVE, PageType.NDA);

    copy(call.platform(), regs.r9, regs.r8, tdcs.tdr().keyId());
    entry.setLeaf(SeptState.MAPPED, regs.r8, false);
    tdcs.measurement().addPage(at.gpa());
    tdcs.tdr().addChild(PageSize.LEVEL_4K);
    page.assign(PageType.REG, tdcs.tdr().hpa());
    return Status.SUCCESS;
  }

  private static void copy(TdxPlatform platform, long source, long target, int keyId) {
    byte[] content = new byte[PAGE];
    platform.bus().read(source, content, 0, PAGE);
    if (Arrays.equals(content, ZEROS)) { // costs no backing store
      platform.takePage(target, keyId);
    } else {
      platform.bus().write(platform.layout().keyed(target, keyId), content, 0, PAGE);
    }
  }
}
