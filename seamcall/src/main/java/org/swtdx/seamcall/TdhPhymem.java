package org.swtdx.seamcall;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.seamcall.port.SeamRegisters;

/** The TDH.PHYMEM.* leaves: physical pages and caches. */
public final class TdhPhymem {
  private static final int MAX_RESUMPTIONS = 10_000;

  private final SeamcallGate gate;
  private final PhysicalAddressLayout layout;

  TdhPhymem(SeamcallGate gate, PhysicalAddressLayout layout) {
    this.gate = gate;
    this.layout = layout;
  }

  public static final Leaf PAGE_RDMD = new Leaf("TDH.PHYMEM.PAGE.RDMD", 24, 0);

  /** TDH.PHYMEM.PAGE.RDMD: what the module knows about the page at {@code hpa}. */
  public PageMetadata readMetadata(LogicalProcessor lp, Hpa hpa) {
    return metadata(lp, PAGE_RDMD, hpa);
  }

  public static final Leaf PAGE_RECLAIM = new Leaf("TDH.PHYMEM.PAGE.RECLAIM", 28, 0);

  /** TDH.PHYMEM.PAGE.RECLAIM: takes back a page of a TD that is being torn down. */
  public PageMetadata reclaim(LogicalProcessor lp, TdxPage page) {
    return metadata(lp, PAGE_RECLAIM, page.hpa());
  }

  public static final Leaf PAGE_WBINVD = new Leaf("TDH.PHYMEM.PAGE.WBINVD", 41, 0);

  /** TDH.PHYMEM.PAGE.WBINVD: writes back and drops cache lines of a page held with a KeyID. */
  public TdxStatus pageWbinvd(LogicalProcessor lp, TdxPage page, KeyId keyId) {
    long keyed = layout.keyed(page.hpa().value(), keyId.value());
    return gate.call(lp, PAGE_WBINVD, gate.operands(lp, keyed, 0, 0, 0));
  }

  public static final Leaf CACHE_WB = new Leaf("TDH.PHYMEM.CACHE.WB", 40, 0);

  /** TDH.PHYMEM.CACHE.WB: writes back {@code lp}'s package's caches, resumed until it is done. */
  public TdxStatus cacheWriteBack(LogicalProcessor lp) {
    long resume = 0;
    for (int i = 0; ; i++) {
      TdxStatus status = gate.call(lp, CACHE_WB, gate.operands(lp, resume, 0, 0, 0));
      if (i == MAX_RESUMPTIONS || !status.is(StatusCode.INTERRUPTED_RESUMABLE)) {
        return status;
      }
      resume = 1;
    }
  }

  private PageMetadata metadata(LogicalProcessor lp, Leaf leaf, Hpa hpa) {
    SeamRegisters regs = gate.operands(lp, hpa.value(), 0, 0, 0);
    TdxStatus status = gate.call(lp, leaf, regs);
    return new PageMetadata(status, (int) regs.rcx, regs.rdx, (int) regs.r8, regs.r9);
  }
}
