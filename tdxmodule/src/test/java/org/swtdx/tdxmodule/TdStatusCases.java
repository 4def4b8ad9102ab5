package org.swtdx.tdxmodule;

import static org.swtdx.tdxmodule.StatusCase.ready;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.td.OpState;

/** How to reach the statuses of the TDH.MNG leaves. */
final class TdStatusCases {
  private static final int RECLAIMID = 27;

  private TdStatusCases() {}

  static List<StatusCase> all() {
    List<StatusCase> cases = new ArrayList<>();
    addCreate(cases);
    addKeys(cases);
    addControlPages(cases);
    addInit(cases);
    addEnd(cases);
    return cases;
  }

  private static void addCreate(List<StatusCase> cases) {
    String leaf = "TDH.MNG.CREATE";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> create(h, Host.TD_KEYID)));
    cases.add(ready(leaf, StatusCode.HKID_NOT_FREE, 0, h -> create(h, Host.GLOBAL_KEYID)));
    cases.add(ready(leaf, StatusCode.OPERAND_INVALID, Operand.RDX, h -> create(h, 1)));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_BUSY,
            Operand.KOT,
            h -> {
              h.state().kot().lock().tryHost(true);
              return create(h, Host.TD_KEYID);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.RND_NO_ENTROPY,
            0,
            h -> {
              h.state().setDisturbances(SystemStatusCases.NO_ENTROPY);
              return create(h, Host.TD_KEYID);
            }));
  }

  private static long create(Host h, int keyId) {
    return h.call(Host.MNG_CREATE, h.page(), keyId);
  }

  private static void addKeys(List<StatusCase> cases) {
    String leaf = "TDH.MNG.KEY.CONFIG";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> h.call(Host.MNG_KEY_CONFIG, created(h))));
    cases.add(
        ready(
            leaf,
            StatusCode.KEY_CONFIGURED,
            0,
            h -> {
              long tdr = created(h);
              Host.ok(h.call(Host.MNG_KEY_CONFIG, tdr));
              return h.call(Host.MNG_KEY_CONFIG, tdr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.LIFECYCLE_STATE_INCORRECT,
            0,
            h -> h.call(Host.MNG_KEY_CONFIG, h.createTd(Host.TD_KEYID))));
    cases.add(
        ready(
            leaf, StatusCode.TD_FATAL, 0, h -> h.call(Host.MNG_KEY_CONFIG, fatal(h, created(h)))));
    cases.add(
        ready("TDH.MNG.KEY.RECLAIMID", StatusCode.SUCCESS, 0, h -> h.call(RECLAIMID, created(h))));
  }

  private static long created(Host h) {
    long tdr = h.page();
    Host.ok(h.call(Host.MNG_CREATE, tdr, Host.TD_KEYID));
    return tdr;
  }

  private static long fatal(Host h, long tdr) {
    h.td(tdr).setFatal();
    return tdr;
  }

  private static void addControlPages(List<StatusCase> cases) {
    String leaf = "TDH.MNG.ADDCX";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> addcx(h, h.createTd(Host.TD_KEYID))));
    cases.add(ready(leaf, StatusCode.TD_KEYS_NOT_CONFIGURED, 0, h -> addcx(h, created(h))));
    cases.add(
        ready(leaf, StatusCode.TD_FATAL, 0, h -> addcx(h, fatal(h, h.createTd(Host.TD_KEYID)))));
    cases.add(
        ready(
            leaf,
            StatusCode.OP_STATE_INCORRECT,
            0,
            h -> {
              long tdr = h.createTd(Host.TD_KEYID);
              h.td(tdr).tdcs().setOpState(OpState.INITIALIZED);
              return addcx(h, tdr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.TDCX_NUM_INCORRECT,
            0,
            h -> {
              long tdr = h.createTd(Host.TD_KEYID);
              h.addTdcs(tdr);
              for (int i = 6; i < 9; i++) {
                h.call(Host.MNG_ADDCX, h.page(), tdr); // pages for L2 VMs, where they are offered
              }
              return addcx(h, tdr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.RND_NO_ENTROPY,
            0,
            h -> {
              long tdr = h.createTd(Host.TD_KEYID);
              for (int i = 0; i < 5; i++) {
                Host.ok(addcx(h, tdr));
              }
              h.state().setDisturbances(SystemStatusCases.NO_ENTROPY);
              return addcx(h, tdr);
            }));
  }

  private static long addcx(Host h, long tdr) {
    return h.call(Host.MNG_ADDCX, h.page(), tdr);
  }

  private static void addInit(List<StatusCase> cases) {
    String leaf = "TDH.MNG.INIT";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> init(h, 0)));
    cases.add(ready(leaf, StatusCode.OPERAND_INVALID, Operand.ATTRIBUTES, h -> init(h, 2)));
    cases.add(
        ready(
            leaf,
            StatusCode.LIMIT_CPUID_MAXVAL_SET,
            0,
            h -> {
              LogicalProcessor first = h.platform.processors().getFirst();
              h.state().hostMsrs(first).miscEnable |= HostMsrs.LIMIT_CPUID_MAXVAL;
              return init(h, 0);
            }));
  }

  private static long init(Host h, long attributes) {
    long tdr = h.createTd(Host.TD_KEYID);
    h.addTdcs(tdr);
    h.writeTdParams(attributes);
    return h.call(Host.MNG_INIT, tdr, Host.TD_PARAMS);
  }

  private static void addEnd(List<StatusCase> cases) {
    String flush = "TDH.MNG.VPFLUSHDONE";
    cases.add(ready(flush, StatusCode.SUCCESS, 0, h -> h.call(Host.VPFLUSHDONE, created(h))));
    cases.add(
        ready(
            flush,
            StatusCode.LIFECYCLE_STATE_INCORRECT,
            0,
            h -> h.call(Host.VPFLUSHDONE, flushed(h))));
    cases.add(
        ready(
            flush,
            StatusCode.FLUSHVP_NOT_DONE,
            0,
            h -> {
              long tdr = h.initializedTd(Host.TD_KEYID, 0);
              VcpuStatusCases.vcpu(h, tdr, 0);
              return h.call(Host.VPFLUSHDONE, tdr);
            }));
    cases.add(
        ready(
            flush,
            StatusCode.OPERAND_BUSY,
            Operand.KOT,
            h -> {
              long tdr = created(h);
              h.state().kot().lock().tryHost(true);
              return h.call(Host.VPFLUSHDONE, tdr);
            }));
    String free = "TDH.MNG.KEY.FREEID";
    cases.add(
        ready(
            free,
            StatusCode.LIFECYCLE_STATE_INCORRECT,
            0,
            h -> h.call(Host.KEY_FREEID, created(h))));
    cases.add(
        ready(free, StatusCode.WBCACHE_NOT_COMPLETE, 0, h -> h.call(Host.KEY_FREEID, flushed(h))));
    cases.add(
        ready(
            free,
            StatusCode.OPERAND_BUSY,
            Operand.KOT,
            h -> {
              long tdr = flushed(h);
              h.state().kot().lock().tryHost(true);
              return h.call(Host.KEY_FREEID, tdr);
            }));
    cases.add(
        ready(
            free,
            StatusCode.SUCCESS,
            0,
            h -> {
              long tdr = flushed(h);
              Host.ok(h.callOn(h.platform.processors().getFirst(), Host.CACHE_WB));
              Host.ok(h.callOn(h.platform.processors().getLast(), Host.CACHE_WB));
              return h.call(Host.KEY_FREEID, tdr);
            }));
  }

  private static long flushed(Host h) {
    long tdr = h.createTd(Host.TD_KEYID);
    Host.ok(h.call(Host.VPFLUSHDONE, tdr));
    return tdr;
  }
}
