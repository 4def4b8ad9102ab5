package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.platform.HostMsrs;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.virt.TdAttributes;

/** Calls with two faults: the leaf blames the one that it checks first. */
class CheckOrderTest {
  private static final long GPA = 0x80_0000, LARGE = 0x4000_0000L;
  private static final int ENTER = 0, DEMOTE = 15, PROMOTE = 23, INIT = 22, INIT_V1 = 0x10016;
  private static final long MISALIGNED = 8, PRIVATE_KEYID = 1L << 51, SHARED = 1L << 47;

  static Stream<Arguments> calls() {
    return Stream.of(
        call("PAGE.ADD: TD, mapping", rdx(), h -> add(h, GPA | 7, MISALIGNED, h.page(), 0)),
        call("PAGE.ADD: mapping, source", rcx(), h -> add(h, GPA | 1, td(h), h.page(), MISALIGNED)),
        call("PAGE.ADD: shared GPA, walk", rcx(), h -> add(h, GPA | SHARED, td(h), h.page(), 0)),
        call(
            "PAGE.ADD: walk, source",
            Status.with(Status.EPT_WALK_FAILED, Operand.RCX),
            h -> add(h, GPA, td(h), h.page(), MISALIGNED)),
        call(
            "PAGE.ADD: source, page",
            Status.with(Status.OPERAND_INVALID, Operand.R9),
            h -> add(h, GPA, withTables(h), MISALIGNED, PRIVATE_KEYID)),
        call(
            "PAGE.AUG: operation state, mapping",
            Status.OP_STATE_INCORRECT,
            h -> h.call(Host.PAGE_AUG, GPA | 7, uninitialized(h), h.page())),
        call("PAGE.AUG: mapping, page", rcx(), h -> aug(h, GPA | 2, withTables(h), MISALIGNED)),
        call(
            "PAGE.AUG: state, page",
            Status.with(Status.EPT_ENTRY_STATE_INCORRECT, Operand.RCX),
            h -> aug(h, GPA, mapped(h), MISALIGNED)),
        call(
            "PAGE.RELOCATE: the page itself, tracking",
            Status.with(Status.OPERAND_INVALID, Operand.R8),
            h -> {
              long tdr = runnable(h, mapped(h));
              return h.call(
                  Host.PAGE_RELOCATE, GPA, tdr, h.td(tdr).tdcs().sept().walk(GPA, 0).hpa());
            }),
        call(
            "PAGE.RELOCATE: tracking, page",
            Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX),
            h -> h.call(Host.PAGE_RELOCATE, GPA, runnable(h, mapped(h)), MISALIGNED)),
        call(
            "PAGE.DEMOTE: tracking, page",
            Status.with(Status.GPA_RANGE_NOT_BLOCKED, Operand.RCX),
            h -> h.call(DEMOTE, LARGE | 1, runnable(h, large(h)), MISALIGNED)),
        call(
            "PAGE.DEMOTE: page, interrupt",
            Status.with(Status.OPERAND_INVALID, Operand.R8),
            h -> interrupted(h, DEMOTE, large(h), MISALIGNED)),
        call(
            "PAGE.DEMOTE: interrupt, lock of the large page",
            Status.INTERRUPTED_RESTARTABLE,
            h -> {
              long tdr = large(h);
              long hpa = h.td(tdr).tdcs().sept().walk(LARGE, 1).hpa();
              h.state().pamt().implicit(hpa, 1).tryLock(false);
              return interrupted(h, DEMOTE, tdr, h.page());
            }),
        call(
            "PAGE.PROMOTE: conditions, interrupt",
            Status.with(Status.EPT_INVALID_PROMOTE_CONDITIONS, Operand.RCX),
            h -> {
              long tdr = td(h);
              h.addSept(tdr, LARGE, 0);
              return interrupted(h, PROMOTE, tdr, 0);
            }),
        call(
            "VP.INIT: number of vCPUs, x2APIC id",
            Status.MAX_VCPUS_EXCEEDED,
            h -> {
              long tdr = td(h);
              long tdvpr = VcpuStatusCases.created(h, tdr, 5);
              h.td(tdr).tdcs().vcpus().set(h.td(tdr).tdcs().parameters().maxVcpus());
              return h.call(INIT_V1, tdvpr, 0, 1L << 32);
            }),
        call(
            "VP.INIT: x2APIC id, TSC",
            Status.with(Status.OPERAND_INVALID, Operand.R8),
            h -> {
              long tdvpr = VcpuStatusCases.created(h, td(h), 5);
              msrs(h).tscAdjust = 1;
              return h.call(INIT_V1, tdvpr, 0, 1L << 32);
            }),
        call(
            "VP.ENTER: CPUID limit, reserved bits",
            Status.LIMIT_CPUID_MAXVAL_SET,
            h -> {
              msrs(h).miscEnable |= HostMsrs.LIMIT_CPUID_MAXVAL;
              return h.call(ENTER, -1);
            }),
        call("VP.ENTER: reserved bits, page", rcx(), h -> h.call(ENTER, 1L << 54 | 1L << 40)),
        call(
            "VP.ENTER: operation state, pages of the vCPU",
            Status.OP_STATE_INCORRECT,
            h -> h.call(ENTER, VcpuStatusCases.created(h, td(h), 0))),
        call(
            "VP.ENTER: hint, TSC",
            rcx(),
            h -> {
              long tdr = td(h);
              long tdvpr = VcpuStatusCases.vcpu(h, tdr, 0);
              Host.ok(h.call(Host.MR_FINALIZE, tdr));
              msrs(h).tscAdjust = 1;
              return h.call(ENTER, tdvpr | 1L << 52);
            }),
        call(
            "MNG.INIT: TD_PARAMS address, contents",
            rdx(),
            h -> {
              long tdr = uninitialized(h);
              h.writeTdParams(-1);
              return h.call(Host.MNG_INIT, tdr, Host.TD_PARAMS + 512);
            }),
        call("MNG.CREATE: KeyID, page", rdx(), h -> h.call(Host.MNG_CREATE, MISALIGNED, 1 << 16)),
        call(
            "MNG.VPFLUSHDONE: table of KeyIDs, life cycle",
            Status.with(Status.OPERAND_BUSY, Operand.KOT),
            h -> {
              long tdr = td(h);
              Host.ok(h.call(Host.VPFLUSHDONE, tdr));
              h.state().kot().lock().tryHost(true);
              return h.call(Host.VPFLUSHDONE, tdr);
            }),
        call(
            "MEM.RD: alignment, tree",
            rcx(),
            h -> h.call(Host.MEM_RD, GPA | 4, treeInUse(h, debuggable(h)))),
        call(
            "MEM.RD: tree, shared GPA",
            Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE),
            h -> h.call(Host.MEM_RD, GPA | SHARED, treeInUse(h, debuggable(h)))),
        call(
            "MEM.SEPT.RD: attributes of nested VMs, mapping",
            rdx(),
            h -> h.call(Host.SEPT_RD, -1, td(h) | 1)),
        call(
            "MNG.WR: TD, field",
            Status.with(Status.OPERAND_INVALID, Operand.RCX),
            h -> h.call(Host.MNG_WR, MISALIGNED, 1L << 62, 0)),
        call(
            "MNG.WR: field, mask",
            Status.METADATA_FIELD_ID_INCORRECT,
            h -> h.call(Host.MNG_WR, td(h), 1L << 62, 0, 0)));
  }

  private static Arguments call(String what, long wanted, ToLongFunction<Host> call) {
    return Arguments.of(what, wanted, call);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void theFirstFaultIsBlamed(String what, long wanted, ToLongFunction<Host> call) {
    try (Host host = Host.ready()) {
      assertThat(Long.toHexString(call.applyAsLong(host))).isEqualTo(Long.toHexString(wanted));
    }
  }

  @Test
  void aTdmrIsJudgedBeforeTheNextIsLookedAt() {
    try (Host host = Host.loaded()) {
      host.init();
      host.writeTdmrInfo();
      host.host().write64(new Hpa(Host.TDMR_INFO_ARRAY + 8), MISALIGNED);
      assertThat(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 2, Host.GLOBAL_KEYID))
          .isEqualTo(rcx());
      host.host().write64(new Hpa(Host.TDMR_INFO), MISALIGNED);
      assertThat(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 2, Host.GLOBAL_KEYID))
          .isEqualTo(Status.INVALID_TDMR);
    }
  }

  @Test
  void outputsAreZeroWhateverIsWrong() {
    try (Host host = Host.loaded()) {
      assertThat(host.call(Host.SYS_INIT, 1, 2, 3, 4)).isEqualTo(rcx());
      assertThat(host.regs.rcx | host.regs.rdx | host.regs.r8 | host.regs.r9).isZero();
      assertThat(host.call(Host.SYS_LP_INIT, 1, 2, 3)).isEqualTo(Status.SYS_LP_INIT_NOT_PENDING);
      assertThat(host.regs.rcx | host.regs.rdx | host.regs.r8).isZero();
      assertThat(host.call(Host.SYS_INFO, 0, 2, 512, 4)).isEqualTo(Status.SYS_LP_INIT_NOT_DONE);
      assertThat(host.regs.rdx | host.regs.r9).isZero();
      assertThat(host.regs.r8).isEqualTo(512);
    }
  }

  @Test
  void nestedAttributesAreWrittenForWhoAsks() {
    try (Host host = Host.ready()) {
      long tdr = debuggable(host);
      Host.ok(host.call(Host.SEPT_RD, 3, tdr, 5));
      assertThat(host.regs.r8).isEqualTo(5);
      Host.ok(host.call(Host.SEPT_RD, 3, tdr | 1, 5));
      assertThat(host.regs.r8).isZero();
    }
  }

  @Test
  void aVcpuWithoutAnIdHasTheId0() {
    try (Host host = Host.ready()) {
      long tdr = td(host);
      Host.ok(host.call(INIT, VcpuStatusCases.created(host, tdr, 5)));
      assertThat(host.call(INIT_V1, VcpuStatusCases.created(host, tdr, 5), 0, 0))
          .isEqualTo(Status.with(Status.X2APIC_ID_NOT_UNIQUE, 0));
      Host.ok(host.call(INIT_V1, VcpuStatusCases.created(host, tdr, 5), 0, 1));
    }
  }

  @Test
  void attributesAreCheckedVmByVm() {
    long data = GuestTd.DATA;
    long second = 1L << 16; // of the first nested VM
    GuestCode code =
        new GuestCode().leaf(24, data | SHARED, second, 1).move(12, GuestCode.RAX).report();
    try (GuestTd td = new GuestTd(code)) {
      td.enter();
      assertThat(td.host.regs.r12).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.R8));
    }
  }

  @Test
  void aRefusedLeafReportsNoAttributes() {
    GuestCode code =
        new GuestCode()
            .leaf(23, SHARED)
            .move(12, GuestCode.RAX)
            .move(13, GuestCode.RCX)
            .move(14, GuestCode.RDX)
            .report();
    try (GuestTd td = new GuestTd(code)) {
      td.enter();
      assertThat(td.host.regs.r12).isEqualTo(rcx());
      assertThat(td.host.regs.r13).isZero();
      assertThat(td.host.regs.r14).isZero();
    }
  }

  private static long rcx() {
    return Status.with(Status.OPERAND_INVALID, Operand.RCX);
  }

  private static long rdx() {
    return Status.with(Status.OPERAND_INVALID, Operand.RDX);
  }

  private static long add(Host h, long mapping, long tdr, long page, long source) {
    return h.call(Host.PAGE_ADD, mapping, tdr, page, source);
  }

  private static long aug(Host h, long mapping, long tdr, long page) {
    return h.call(Host.PAGE_AUG, mapping, tdr, page);
  }

  private static long interrupted(Host h, int leaf, long tdr, long page) {
    h.state().setDisturbances(MemoryStatusCases.INTERRUPT);
    return h.call(leaf, LARGE | 1, tdr, page);
  }

  private static HostMsrs msrs(Host h) {
    return h.state().hostMsrs(h.platform.processors().getFirst());
  }

  private static long uninitialized(Host h) {
    long tdr = h.createTd(Host.TD_KEYID);
    h.addTdcs(tdr);
    return tdr;
  }

  private static long td(Host h) {
    return h.initializedTd(Host.TD_KEYID, 0);
  }

  private static long debuggable(Host h) {
    return h.initializedTd(Host.TD_KEYID, TdAttributes.DEBUG);
  }

  private static long treeInUse(Host h, long tdr) {
    h.td(tdr).tdcs().sept().treeLock().tryHost(true);
    return tdr;
  }

  private static long withTables(Host h) {
    long tdr = td(h);
    h.addSept(tdr, GPA, 0);
    return tdr;
  }

  private static long mapped(Host h) {
    long tdr = withTables(h);
    h.host().zero(new Hpa(Host.SOURCE), 4096);
    Host.ok(h.call(Host.PAGE_ADD, GPA, tdr, h.page(), Host.SOURCE));
    return tdr;
  }

  private static long large(Host h) {
    long tdr = td(h);
    h.addSept(tdr, LARGE, 1);
    Host.ok(h.call(Host.PAGE_AUG, LARGE | 1, tdr, h.largePage()));
    return tdr;
  }

  private static long runnable(Host h, long tdr) {
    h.pretendVcpu(tdr);
    Host.ok(h.call(Host.MR_FINALIZE, tdr));
    return tdr;
  }
}
