package org.swtdx.seamcall;

/** The host leaves that the wrappers use, with the version of each. Source: TDX module 1.5 ABI. */
public enum Leaf {
  VP_ENTER("TDH.VP.ENTER", 0, 0),
  MNG_ADDCX("TDH.MNG.ADDCX", 1, 0),
  MEM_PAGE_ADD("TDH.MEM.PAGE.ADD", 2, 0),
  MEM_SEPT_ADD("TDH.MEM.SEPT.ADD", 3, 0),
  VP_ADDCX("TDH.VP.ADDCX", 4, 0),
  MEM_PAGE_RELOCATE("TDH.MEM.PAGE.RELOCATE", 5, 0),
  MEM_PAGE_AUG("TDH.MEM.PAGE.AUG", 6, 0),
  MEM_RANGE_BLOCK("TDH.MEM.RANGE.BLOCK", 7, 0),
  MNG_KEY_CONFIG("TDH.MNG.KEY.CONFIG", 8, 0),
  MNG_CREATE("TDH.MNG.CREATE", 9, 0),
  VP_CREATE("TDH.VP.CREATE", 10, 0),
  MNG_RD("TDH.MNG.RD", 11, 0),
  MEM_RD("TDH.MEM.RD", 12, 0),
  MNG_WR("TDH.MNG.WR", 13, 0),
  MEM_WR("TDH.MEM.WR", 14, 0),
  MEM_PAGE_DEMOTE("TDH.MEM.PAGE.DEMOTE", 15, 0),
  MR_EXTEND("TDH.MR.EXTEND", 16, 0),
  MR_FINALIZE("TDH.MR.FINALIZE", 17, 0),
  VP_FLUSH("TDH.VP.FLUSH", 18, 0),
  MNG_VPFLUSHDONE("TDH.MNG.VPFLUSHDONE", 19, 0),
  MNG_KEY_FREEID("TDH.MNG.KEY.FREEID", 20, 0),
  MNG_INIT("TDH.MNG.INIT", 21, 0),
  VP_INIT("TDH.VP.INIT", 22, 1),
  MEM_PAGE_PROMOTE("TDH.MEM.PAGE.PROMOTE", 23, 0),
  PHYMEM_PAGE_RDMD("TDH.PHYMEM.PAGE.RDMD", 24, 0),
  MEM_SEPT_RD("TDH.MEM.SEPT.RD", 25, 0),
  VP_RD("TDH.VP.RD", 26, 0),
  MNG_KEY_RECLAIMID("TDH.MNG.KEY.RECLAIMID", 27, 0),
  PHYMEM_PAGE_RECLAIM("TDH.PHYMEM.PAGE.RECLAIM", 28, 0),
  MEM_PAGE_REMOVE("TDH.MEM.PAGE.REMOVE", 29, 0),
  MEM_SEPT_REMOVE("TDH.MEM.SEPT.REMOVE", 30, 0),
  SYS_KEY_CONFIG("TDH.SYS.KEY.CONFIG", 31, 0),
  SYS_INFO("TDH.SYS.INFO", 32, 0),
  SYS_INIT("TDH.SYS.INIT", 33, 0),
  SYS_RD("TDH.SYS.RD", 34, 0),
  SYS_LP_INIT("TDH.SYS.LP.INIT", 35, 0),
  SYS_TDMR_INIT("TDH.SYS.TDMR.INIT", 36, 0),
  SYS_RDALL("TDH.SYS.RDALL", 37, 0),
  MEM_TRACK("TDH.MEM.TRACK", 38, 0),
  MEM_RANGE_UNBLOCK("TDH.MEM.RANGE.UNBLOCK", 39, 0),
  PHYMEM_CACHE_WB("TDH.PHYMEM.CACHE.WB", 40, 0),
  PHYMEM_PAGE_WBINVD("TDH.PHYMEM.PAGE.WBINVD", 41, 0),
  VP_WR("TDH.VP.WR", 43, 0),
  SYS_LP_SHUTDOWN("TDH.SYS.LP.SHUTDOWN", 44, 0),
  SYS_CONFIG("TDH.SYS.CONFIG", 45, 0),
  SYS_SHUTDOWN("TDH.SYS.SHUTDOWN", 52, 0),
  SYS_UPDATE("TDH.SYS.UPDATE", 53, 0);

  private final String abiName;
  private final long rax;

  Leaf(String abiName, int number, int version) {
    this.abiName = abiName;
    rax = number | (long) version << 16;
  }

  /** The ABI's name, for example {@code TDH.MEM.PAGE.AUG}. */
  public String abiName() {
    return abiName;
  }

  /** The leaf number, RAX bits 15:0. */
  public int number() {
    return (int) rax & 0xffff;
  }

  /** The version that the wrapper uses, RAX bits 23:16. */
  public int version() {
    return (int) rax >>> 16;
  }

  /** The value of RAX that selects the leaf. */
  public long rax() {
    return rax;
  }
}
