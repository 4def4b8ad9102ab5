package org.swtdx.tdxmodule;

import static org.swtdx.tdxmodule.StatusCase.ready;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.vp.Tdvps;

/** How to reach the statuses of the TDH.VP leaves. */
final class VcpuStatusCases {
  private static final int ENTER = 0, ADDCX = 4, CREATE = 10, FLUSH = 18, INIT_V1 = 0x10016;
  private static final int EPT_VIOLATION = 48;
  private static final int CPUID_CONFIG = 256, MONITOR = 1 << 3;

  private VcpuStatusCases() {}

  static List<StatusCase> all() {
    List<StatusCase> cases = new ArrayList<>();
    addBuild(cases);
    addInit(cases);
    addEnter(cases);
    addFlush(cases);
    return cases;
  }

  /** A vCPU that was created and has so many further pages. */
  static long created(Host h, long tdr, int pages) {
    long tdvpr = h.page();
    Host.ok(h.call(CREATE, tdvpr, tdr));
    for (int i = 0; i < pages; i++) {
      Host.ok(h.call(ADDCX, h.page(), tdvpr));
    }
    return tdvpr;
  }

  /** A vCPU that is ready, and associated with the first LP. */
  static long vcpu(Host h, long tdr, long x2ApicId) {
    long tdvpr = created(h, tdr, 5);
    Host.ok(h.call(INIT_V1, tdvpr, 0, x2ApicId));
    return tdvpr;
  }

  private static long td(Host h) {
    return h.initializedTd(Host.TD_KEYID, 0);
  }

  private static void addBuild(List<StatusCase> cases) {
    cases.add(ready("TDH.VP.CREATE", StatusCode.SUCCESS, 0, h -> h.call(CREATE, h.page(), td(h))));
    String leaf = "TDH.VP.ADDCX";
    cases.add(
        ready(leaf, StatusCode.SUCCESS, 0, h -> h.call(ADDCX, h.page(), created(h, td(h), 0))));
    cases.add(
        ready(
            leaf,
            StatusCode.TDCX_NUM_INCORRECT,
            0,
            h -> h.call(ADDCX, h.page(), created(h, td(h), 5))));
    cases.add(
        ready(
            leaf,
            StatusCode.VCPU_STATE_INCORRECT,
            0,
            h -> h.call(ADDCX, h.page(), vcpu(h, td(h), 0))));
  }

  private static void addInit(List<StatusCase> cases) {
    String leaf = "TDH.VP.INIT";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> h.call(INIT_V1, created(h, td(h), 5), 0, 7)));
    cases.add(
        ready(
            leaf,
            StatusCode.TDCX_NUM_INCORRECT,
            0,
            h -> h.call(INIT_V1, created(h, td(h), 4), 0, 7)));
    cases.add(
        ready(
            leaf,
            StatusCode.VCPU_STATE_INCORRECT,
            0,
            h -> h.call(INIT_V1, vcpu(h, td(h), 0), 0, 7)));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_INVALID,
            Operand.R8,
            h -> h.call(INIT_V1, created(h, td(h), 5), 0, 1L << 32)));
    cases.add(
        ready(
            leaf,
            StatusCode.X2APIC_ID_NOT_UNIQUE,
            7,
            h -> {
              long tdr = td(h);
              vcpu(h, tdr, 7);
              return h.call(INIT_V1, created(h, tdr, 5), 0, 7);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.MAX_VCPUS_EXCEEDED,
            0,
            h -> {
              long tdr = td(h);
              int max = h.td(tdr).tdcs().parameters().maxVcpus();
              h.td(tdr).tdcs().vcpus().set(max);
              return h.call(INIT_V1, created(h, tdr, 5), 0, 1);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.INCONSISTENT_MSR,
            HostMsrs.TSC_ADJUST,
            h -> {
              long tdvpr = created(h, td(h), 5);
              msrs(h).tscAdjust = 1;
              return h.call(INIT_V1, tdvpr, 0, 0);
            }));
  }

  private static HostMsrs msrs(Host h) {
    return h.state().hostMsrs(h.platform.processors().getFirst());
  }

  private static long runnable(Host h) {
    return runnable(h, td(h));
  }

  /** A TD whose guest may use MONITOR. */
  private static long tdWithMonitor(Host h) {
    long tdr = h.createTd(Host.TD_KEYID);
    h.addTdcs(tdr);
    h.writeTdParams(0);
    int index = 0;
    while (TdCpuid.configLeaf(index) != 1) {
      index++;
    }
    long ecx = Host.TD_PARAMS + CPUID_CONFIG + 16L * index + 8;
    h.host().write32(new Hpa(ecx), MONITOR);
    Host.ok(h.call(Host.MNG_INIT, tdr, Host.TD_PARAMS));
    return tdr;
  }

  private static long runnable(Host h, long tdr) {
    long tdvpr = vcpu(h, tdr, 0);
    Host.ok(h.call(Host.MR_FINALIZE, tdr));
    return tdvpr;
  }

  private static Tdvps tdvps(Host h, long tdvpr) {
    return Objects.requireNonNull(h.state().vcpus().get(tdvpr));
  }

  private static void addEnter(List<StatusCase> cases) {
    String leaf = "TDH.VP.ENTER";
    cases.add(ready(leaf, StatusCode.SUCCESS, EPT_VIOLATION, h -> h.call(ENTER, runnable(h))));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_INVALID,
            Operand.RCX,
            h -> h.call(ENTER, runnable(h) | 1L << 54)));
    cases.add(
        ready(
            leaf,
            StatusCode.TDCX_NUM_INCORRECT,
            0,
            h -> {
              long tdr = td(h);
              long tdvpr = created(h, tdr, 3);
              h.pretendVcpu(tdr);
              Host.ok(h.call(Host.MR_FINALIZE, tdr));
              return h.call(ENTER, tdvpr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.OPERAND_BUSY,
            Operand.TD_EPOCH,
            h -> {
              long tdvpr = runnable(h);
              tdvps(h, tdvpr).tdr().tdcs().epochs().lock().tryHost(true);
              return h.call(ENTER, tdvpr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.TSC_ROLLBACK,
            0,
            h -> {
              long tdvpr = runnable(h);
              tdvps(h, tdvpr).guest().lastExitTsc = h.platform.environment().tsc() + (1L << 50);
              return h.call(ENTER, tdvpr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.INCONSISTENT_MSR,
            HostMsrs.TSC_ADJUST,
            h -> {
              long tdvpr = runnable(h);
              msrs(h).tscAdjust = 1;
              return h.call(ENTER, tdvpr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.INCORRECT_MSR_VALUE,
            HostMsrs.MISC_ENABLE,
            h -> {
              long tdvpr = runnable(h, tdWithMonitor(h));
              msrs(h).miscEnable &= ~HostMsrs.ENABLE_MONITOR_FSM;
              return h.call(ENTER, tdvpr);
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.LIMIT_CPUID_MAXVAL_SET,
            0,
            h -> {
              long tdvpr = runnable(h);
              msrs(h).miscEnable |= HostMsrs.LIMIT_CPUID_MAXVAL;
              return h.call(ENTER, tdvpr);
            }));
  }

  private static void addFlush(List<StatusCase> cases) {
    String leaf = "TDH.VP.FLUSH";
    cases.add(ready(leaf, StatusCode.SUCCESS, 0, h -> h.call(FLUSH, vcpu(h, td(h), 0))));
    cases.add(
        ready(leaf, StatusCode.TDCX_NUM_INCORRECT, 0, h -> h.call(FLUSH, created(h, td(h), 3))));
    cases.add(
        ready(
            leaf,
            StatusCode.VCPU_NOT_ASSOCIATED,
            0,
            h -> {
              LogicalProcessor other = h.platform.processors().getLast();
              return h.callOn(other, FLUSH, vcpu(h, td(h), 0));
            }));
    cases.add(
        ready(
            leaf,
            StatusCode.TD_KEYS_NOT_CONFIGURED,
            0,
            h -> {
              long tdr = td(h);
              long tdvpr = vcpu(h, tdr, 0);
              h.td(tdr).setLifecycle(LifecycleState.TD_BLOCKED);
              return h.call(FLUSH, tdvpr);
            }));
  }
}
