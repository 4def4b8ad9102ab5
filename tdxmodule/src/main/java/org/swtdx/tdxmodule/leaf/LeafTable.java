package org.swtdx.tdxmodule.leaf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.platform.TdxPlatform;

/** The host leaves of this module, by number. */
public final class LeafTable {
  /** Leaf numbers of this module are below this. */
  public static final int NUMBERS = 64;

  private final @Nullable LeafDescriptor[] byNumber = new LeafDescriptor[NUMBERS];
  private final AllowTable opStates = AllowTable.load("op-states.txt");
  private final AllowTable septStates = AllowTable.load("sept-states.txt");

  /** Builds the table of a module whose platform-scope state is {@code platform}. */
  public LeafTable(TdxPlatform platform) {
    addSystem();
    addTdManagement();
    addVcpu(platform);
    addMemory();
    addPhysicalMemory();
  }

  /** The leaf with {@code number}, or null when this module has none. */
  public @Nullable LeafDescriptor get(int number) {
    return number < NUMBERS ? byNumber[number] : null;
  }

  /** All leaves, ascending. */
  public List<LeafDescriptor> all() {
    List<LeafDescriptor> all = new ArrayList<>();
    for (LeafDescriptor d : byNumber) {
      if (d != null) {
        all.add(d);
      }
    }
    return Collections.unmodifiableList(all);
  }

  private void addSystem() {
    add(31, "TDH.SYS.KEY.CONFIG", 0, true, new TdhSysKeyConfig());
    add(32, "TDH.SYS.INFO", 0, true, new TdhSysInfo());
    add(33, "TDH.SYS.INIT", 0, true, new TdhSysInit());
    add(34, "TDH.SYS.RD", 0, true, new TdhSysRd());
    add(35, "TDH.SYS.LP.INIT", 0, true, new TdhSysLpInit());
    add(36, "TDH.SYS.TDMR.INIT", 0, false, new TdhSysTdmrInit());
    add(37, "TDH.SYS.RDALL", 0, true, new TdhSysRdall());
    add(44, "TDH.SYS.LP.SHUTDOWN", 0, true, new TdhSysLpShutdown());
    add(45, "TDH.SYS.CONFIG", 0, true, new TdhSysConfig());
    add(52, "TDH.SYS.SHUTDOWN", 0, false, new TdhSysShutdown());
    add(53, "TDH.SYS.UPDATE", 0, true, new TdhSysUpdate());
  }

  private void addTdManagement() {
    add(1, "TDH.MNG.ADDCX", 0, false, new TdhMngAddcx());
    add(8, "TDH.MNG.KEY.CONFIG", 0, false, new TdhMngKeyConfig());
    add(9, "TDH.MNG.CREATE", 0, false, new TdhMngCreate());
    add(11, "TDH.MNG.RD", 1, false, new TdhMngRd());
    add(13, "TDH.MNG.WR", 0, false, new TdhMngWr());
    add(16, "TDH.MR.EXTEND", 0, false, new TdhMrExtend());
    add(17, "TDH.MR.FINALIZE", 0, false, new TdhMrFinalize());
    add(19, "TDH.MNG.VPFLUSHDONE", 0, false, new TdhMngVpflushdone());
    add(20, "TDH.MNG.KEY.FREEID", 0, false, new TdhMngKeyFreeid());
    add(21, "TDH.MNG.INIT", 0, false, new TdhMngInit());
    add(27, "TDH.MNG.KEY.RECLAIMID", 0, false, new TdhMngKeyReclaimid());
  }

  private void addVcpu(TdxPlatform platform) {
    add(0, "TDH.VP.ENTER", 0, false, new TdhVpEnter(platform));
    add(4, "TDH.VP.ADDCX", 0, false, new TdhVpAddcx());
    add(10, "TDH.VP.CREATE", 0, false, new TdhVpCreate());
    add(18, "TDH.VP.FLUSH", 0, false, new TdhVpFlush());
    add(22, "TDH.VP.INIT", 1, false, new TdhVpInit());
    add(26, "TDH.VP.RD", 1, false, new TdhVpRd());
    add(43, "TDH.VP.WR", 0, false, new TdhVpWr());
  }

  private void addMemory() {
    add(2, "TDH.MEM.PAGE.ADD", 0, false, new TdhMemPageAdd());
    add(3, "TDH.MEM.SEPT.ADD", 1, false, new TdhMemSeptAdd());
    add(5, "TDH.MEM.PAGE.RELOCATE", 0, false, new TdhMemPageRelocate());
    add(6, "TDH.MEM.PAGE.AUG", 0, false, new TdhMemPageAug());
    add(7, "TDH.MEM.RANGE.BLOCK", 0, false, new TdhMemRangeBlock());
    add(12, "TDH.MEM.RD", 0, false, new TdhMemRd());
    add(14, "TDH.MEM.WR", 0, false, new TdhMemWr());
    add(15, "TDH.MEM.PAGE.DEMOTE", 0, false, new TdhMemPageDemote());
    add(23, "TDH.MEM.PAGE.PROMOTE", 1, false, new TdhMemPagePromote());
    add(25, "TDH.MEM.SEPT.RD", 0, false, new TdhMemSeptRd());
    add(29, "TDH.MEM.PAGE.REMOVE", 0, false, new TdhMemPageRemove());
    add(30, "TDH.MEM.SEPT.REMOVE", 1, false, new TdhMemSeptRemove());
    add(38, "TDH.MEM.TRACK", 0, false, new TdhMemTrack());
    add(39, "TDH.MEM.RANGE.UNBLOCK", 0, false, new TdhMemRangeUnblock());
  }

  private void addPhysicalMemory() {
    add(24, "TDH.PHYMEM.PAGE.RDMD", 0, false, new TdhPhymemPageRdmd());
    add(28, "TDH.PHYMEM.PAGE.RECLAIM", 0, false, new TdhPhymemPageReclaim());
    add(40, "TDH.PHYMEM.CACHE.WB", 0, false, new TdhPhymemCacheWb());
    add(41, "TDH.PHYMEM.PAGE.WBINVD", 0, false, new TdhPhymemPageWbinvd());
  }

  private void add(int number, String name, int maxVersion, boolean beforeReady, HostLeaf leaf) {
    byNumber[number] =
        new LeafDescriptor(
            number,
            name,
            maxVersion,
            beforeReady,
            opStates.states(name),
            septStates.states(name),
            leaf);
  }
}
