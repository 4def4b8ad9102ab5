package org.swtdx.tdxmodule;

import static org.swtdx.tdxmodule.StatusCase.loaded;
import static org.swtdx.tdxmodule.StatusCase.ready;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.platform.Disturbances;
import org.swtdx.tdxmodule.status.Operand;

/** How to reach the statuses of the TDH.SYS and TDH.PHYMEM leaves. */
final class SystemStatusCases {
  private static final int SHUTDOWN = 52, UPDATE = 53;
  private static final long FEATURES0 = 0x0a00_0003_0000_0008L;

  static final Disturbances NO_ENTROPY =
      new Disturbances() {
        @Override
        public boolean noEntropy() {
          return true;
        }
      };

  private SystemStatusCases() {}

  static List<StatusCase> all() {
    List<StatusCase> cases = new ArrayList<>();
    addInit(cases);
    addConfig(cases);
    addInformation(cases);
    addEnd(cases);
    addPages(cases);
    addCaches(cases);
    return cases;
  }

  private static void addInit(List<StatusCase> cases) {
    String init = "TDH.SYS.INIT";
    cases.add(loaded(init, StatusCode.SUCCESS, 0, h -> h.call(Host.SYS_INIT)));
    cases.add(
        loaded(
            init, StatusCode.OPERAND_INVALID, Operand.RCX, h -> h.call(Host.SYS_INIT, 1L << 60)));
    cases.add(loaded(init, StatusCode.SYS_BUSY, 0, h -> busy(h, Host.SYS_INIT)));
    cases.add(
        loaded(
            init,
            StatusCode.SYS_INIT_NOT_PENDING,
            0,
            h -> {
              Host.ok(h.call(Host.SYS_INIT));
              return h.call(Host.SYS_INIT);
            }));
    cases.add(
        loaded(
            init,
            StatusCode.RND_NO_ENTROPY,
            0,
            h -> {
              h.state().setDisturbances(NO_ENTROPY);
              return h.call(Host.SYS_INIT);
            }));
    String lpInit = "TDH.SYS.LP.INIT";
    cases.add(loaded(lpInit, StatusCode.SYS_LP_INIT_NOT_PENDING, 0, h -> h.call(Host.SYS_LP_INIT)));
    cases.add(
        loaded(
            lpInit,
            StatusCode.SUCCESS,
            0,
            h -> {
              Host.ok(h.call(Host.SYS_INIT));
              return h.call(Host.SYS_LP_INIT);
            }));
    cases.add(
        loaded(
            lpInit,
            StatusCode.SYS_LP_INIT_DONE,
            0,
            h -> {
              h.init();
              return h.call(Host.SYS_LP_INIT);
            }));
    cases.add(
        loaded(
            lpInit,
            StatusCode.SYS_BUSY,
            0,
            h -> {
              Host.ok(h.call(Host.SYS_INIT));
              return busy(h, Host.SYS_LP_INIT);
            }));
    cases.add(
        loaded(
            lpInit,
            StatusCode.RND_NO_ENTROPY,
            0,
            h -> {
              Host.ok(h.call(Host.SYS_INIT));
              h.state().setDisturbances(NO_ENTROPY);
              return h.call(Host.SYS_LP_INIT);
            }));
  }

  private static long busy(Host h, int leaf, long... operands) {
    h.state().globalLock().tryHost(true);
    return h.call(leaf, operands);
  }

  private static void addConfig(List<StatusCase> cases) {
    String config = "TDH.SYS.CONFIG";
    long[] operands = {Host.TDMR_INFO_ARRAY, 1, Host.GLOBAL_KEYID};
    cases.add(
        loaded(config, StatusCode.SUCCESS, 0, h -> initialized(h, Host.SYS_CONFIG, operands)));
    cases.add(
        loaded(
            config,
            StatusCode.OPERAND_INVALID,
            Operand.RDX,
            h -> initialized(h, Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 0, Host.GLOBAL_KEYID)));
    cases.add(
        loaded(
            config, StatusCode.SYS_CONFIG_NOT_PENDING, 0, h -> h.call(Host.SYS_CONFIG, operands)));
    cases.add(
        loaded(
            config,
            StatusCode.SYS_BUSY,
            0,
            h -> {
              h.init();
              return busy(h, Host.SYS_CONFIG, operands);
            }));
    String key = "TDH.SYS.KEY.CONFIG";
    cases.add(loaded(key, StatusCode.SUCCESS, 0, h -> configured(h, 0)));
    cases.add(loaded(key, StatusCode.KEY_CONFIGURED, 0, h -> configured(h, 1)));
    cases.add(
        ready(key, StatusCode.SYS_KEY_CONFIG_NOT_PENDING, 0, h -> h.call(Host.SYS_KEY_CONFIG)));
    cases.add(
        loaded(
            key,
            StatusCode.SYS_BUSY,
            0,
            h -> {
              h.init();
              h.config();
              return busy(h, Host.SYS_KEY_CONFIG);
            }));
    String tdmr = "TDH.SYS.TDMR.INIT";
    cases.add(loaded(tdmr, StatusCode.SUCCESS, 0, h -> tdmrInit(h, Host.TDMR)));
    cases.add(
        loaded(tdmr, StatusCode.OPERAND_INVALID, Operand.RCX, h -> tdmrInit(h, Host.TDMR + 4096)));
    cases.add(
        ready(
            tdmr,
            StatusCode.TDMR_ALREADY_INITIALIZED,
            0,
            h -> h.call(Host.SYS_TDMR_INIT, Host.TDMR)));
    cases.add(
        ready(
            tdmr,
            StatusCode.OPERAND_BUSY,
            Operand.RCX,
            h -> {
              h.state().pamt().tdmrs().getFirst().initLock().tryHost(true);
              return h.call(Host.SYS_TDMR_INIT, Host.TDMR);
            }));
  }

  private static long initialized(Host h, int leaf, long... operands) {
    h.init();
    h.writeTdmrInfo();
    return h.call(leaf, operands);
  }

  private static long configured(Host h, int before) {
    h.init();
    h.config();
    for (int i = 0; i < before; i++) {
      Host.ok(h.call(Host.SYS_KEY_CONFIG));
    }
    return h.call(Host.SYS_KEY_CONFIG);
  }

  private static long tdmrInit(Host h, long base) {
    h.init();
    h.config();
    h.keyConfig();
    return h.call(Host.SYS_TDMR_INIT, base);
  }

  private static void addInformation(List<StatusCase> cases) {
    long[] info = {0x10_0000, 1024, 0x10_1000, 32};
    String sysInfo = "TDH.SYS.INFO";
    cases.add(ready(sysInfo, StatusCode.SUCCESS, 0, h -> h.call(Host.SYS_INFO, info)));
    cases.add(
        ready(
            sysInfo,
            StatusCode.OPERAND_INVALID,
            Operand.RDX,
            h -> h.call(Host.SYS_INFO, info[0], 1023, info[2], 32)));
    cases.add(
        loaded(sysInfo, StatusCode.SYS_LP_INIT_NOT_DONE, 0, h -> h.call(Host.SYS_INFO, info)));
    String rd = "TDH.SYS.RD";
    cases.add(ready(rd, StatusCode.SUCCESS, 0, h -> h.call(Host.SYS_RD, 0, FEATURES0)));
    cases.add(
        ready(
            rd, StatusCode.METADATA_FIRST_FIELD_ID_IN_CONTEXT, 0, h -> h.call(Host.SYS_RD, 0, -1)));
    cases.add(
        loaded(rd, StatusCode.SYS_LP_INIT_NOT_DONE, 0, h -> h.call(Host.SYS_RD, 0, FEATURES0)));
    String rdall = "TDH.SYS.RDALL";
    cases.add(ready(rdall, StatusCode.SUCCESS, 0, h -> h.call(Host.SYS_RDALL, 0, 0x10_0000, -1)));
    cases.add(
        loaded(
            rdall,
            StatusCode.SYS_LP_INIT_NOT_DONE,
            0,
            h -> h.call(Host.SYS_RDALL, 0, 0x10_0000, -1)));
  }

  private static void addEnd(List<StatusCase> cases) {
    cases.add(ready("TDH.SYS.LP.SHUTDOWN", StatusCode.SUCCESS, 0, h -> h.call(Host.LP_SHUTDOWN)));
    String shutdown = "TDH.SYS.SHUTDOWN";
    cases.add(ready(shutdown, StatusCode.SUCCESS, 0, h -> h.call(SHUTDOWN, 0)));
    cases.add(
        ready(shutdown, StatusCode.OPERAND_INVALID, Operand.RCX, h -> h.call(SHUTDOWN, 1 << 16)));
    cases.add(ready(shutdown, StatusCode.SYS_BUSY, 0, h -> busy(h, SHUTDOWN, 0)));
    String update = "TDH.SYS.UPDATE";
    cases.add(ready(update, StatusCode.SYS_STATE_INCORRECT, 0, h -> h.call(UPDATE)));
    cases.add(
        loaded(
            update,
            StatusCode.SYS_INVALID_HANDOFF,
            0,
            h -> {
              h.init();
              return h.call(UPDATE);
            }));
    cases.add(
        ready(
            update,
            StatusCode.SUCCESS,
            0,
            h -> {
              replace(h);
              return h.call(UPDATE);
            }));
    cases.add(
        ready(
            update,
            StatusCode.SYS_BUSY,
            0,
            h -> {
              replace(h);
              return busy(h, UPDATE);
            }));
  }

  private static void replace(Host h) {
    Host.ok(h.call(SHUTDOWN, 0));
    h.module.install();
    h.init();
  }

  private static void addPages(List<StatusCase> cases) {
    String rdmd = "TDH.PHYMEM.PAGE.RDMD";
    cases.add(ready(rdmd, StatusCode.SUCCESS, 0, h -> h.call(Host.PAGE_RDMD, h.page())));
    cases.add(
        ready(
            rdmd,
            StatusCode.OPERAND_INVALID,
            Operand.RCX,
            h -> h.call(Host.PAGE_RDMD, h.page() + 8)));
    cases.add(
        ready(
            rdmd,
            StatusCode.OPERAND_ADDR_RANGE_ERROR,
            Operand.RCX,
            h -> h.call(Host.PAGE_RDMD, 0)));
    String reclaim = "TDH.PHYMEM.PAGE.RECLAIM";
    cases.add(
        ready(
            reclaim,
            StatusCode.SUCCESS,
            0,
            h -> {
              long tdr = h.createTd(Host.TD_KEYID);
              h.stop(tdr);
              return h.call(Host.PAGE_RECLAIM, tdr);
            }));
    cases.add(
        ready(
            reclaim,
            StatusCode.LIFECYCLE_STATE_INCORRECT,
            0,
            h -> h.call(Host.PAGE_RECLAIM, h.createTd(Host.TD_KEYID))));
    cases.add(
        ready(
            reclaim,
            StatusCode.TD_ASSOCIATED_PAGES_EXIST,
            0,
            h -> {
              long tdr = h.createTd(Host.TD_KEYID);
              h.addTdcs(tdr);
              h.stop(tdr);
              return h.call(Host.PAGE_RECLAIM, tdr);
            }));
    cases.add(
        ready(
            reclaim,
            StatusCode.PAGE_METADATA_INCORRECT,
            Operand.RCX,
            h -> h.call(Host.PAGE_RECLAIM, h.page())));
    cases.add(
        ready(reclaim, StatusCode.OPERAND_INVALID, Operand.RCX, h -> h.call(Host.PAGE_RECLAIM, 1)));
    cases.add(
        ready(
            reclaim,
            StatusCode.OPERAND_ADDR_RANGE_ERROR,
            Operand.RCX,
            h -> h.call(Host.PAGE_RECLAIM, 0)));
    cases.add(
        ready(
            "TDH.PHYMEM.PAGE.WBINVD",
            StatusCode.SUCCESS,
            0,
            h -> h.call(Host.PAGE_WBINVD, h.page())));
  }

  private static void addCaches(List<StatusCase> cases) {
    String leaf = "TDH.PHYMEM.CACHE.WB";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> writeBack(flushed(h), 0)));
    cases.add(ready(leaf, StatusCode.NO_HKID_READY_TO_WBCACHE, 0, h -> writeBack(h, 0)));
    cases.add(ready(leaf, StatusCode.OPERAND_INVALID, Operand.RCX, h -> writeBack(h, 2)));
    cases.add(ready(leaf, StatusCode.WBCACHE_RESUME_ERROR, 0, h -> writeBack(flushed(h), 1)));
    cases.add(
        ready(
            leaf,
            StatusCode.INTERRUPTED_RESUMABLE,
            0,
            h -> {
              flushed(h).state().setDisturbances(MemoryStatusCases.INTERRUPT);
              return writeBack(h, 0);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_BUSY,
            Operand.WBCACHE,
            h -> {
              h.state().writeBack(0).lock().tryHost(true);
              return writeBack(h, 0);
            }));
  }

  private static Host flushed(Host h) {
    Host.ok(h.call(Host.VPFLUSHDONE, h.createTd(Host.TD_KEYID)));
    return h;
  }

  private static long writeBack(Host h, long command) {
    LogicalProcessor first = h.platform.processors().getFirst();
    return h.callOn(first, Host.CACHE_WB, command);
  }
}
