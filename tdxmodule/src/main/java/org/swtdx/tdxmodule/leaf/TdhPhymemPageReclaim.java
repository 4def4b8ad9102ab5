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
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * TDH.PHYMEM.PAGE.RECLAIM, leaf 28: gives a page of a torn-down TD back to the host; the TDR comes
 * last.
 */
final class TdhPhymemPageReclaim implements HostLeaf {
  @Override
  public long execute(SeamCall call) throws Refusal {
    SeamRegisters regs = call.regs();
    long hpa = regs.rcx;
    PageOutputs.clear(regs);
    call.checkPrivateHpa(hpa, PageSize.bytes(PageSize.LEVEL_4K), Operand.RCX);
    PamtEntry page = call.lockLeaf(hpa, Operand.RCX, PageSize.LEVEL_4K, SeamCall.EXCLUSIVE);
    PageType type = page.type();
    if (type == PageType.NDA || type == PageType.RSVD) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, Operand.RCX);
    }
    PageOutputs.set(regs, page);
    Refusal.operandInvalidIf(hpa != page.hpa(), Operand.RCX);
    if (type == PageType.TDR) {
      reclaimRoot(call.platform(), hpa);
    } else {
      Tdr tdr = call.lockOwner(page, SeamCall.SHARED);
      requireTeardown(tdr);
      Tdvps vcpu = call.platform().vcpus().remove(hpa);
      if (vcpu != null) {
        vcpu.close();
      }
      tdr.removeChild(page.level());
    }
    page.free();
    return Status.SUCCESS;
  }

  private static void reclaimRoot(TdxPlatform platform, long hpa) throws Refusal {
    Tdr tdr = platform.tdr(hpa);
    if (tdr == null) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, Operand.RCX);
    }
    requireTeardown(tdr);
    Refusal.unless(tdr.childCount() == 0, Status.TD_ASSOCIATED_PAGES_EXIST);
    platform.tdrs().remove(hpa);
  }

  private static void requireTeardown(Tdr tdr) throws Refusal {
    Refusal.unless(tdr.lifecycle() == LifecycleState.TD_TEARDOWN, Status.LIFECYCLE_STATE_INCORRECT);
  }
}
