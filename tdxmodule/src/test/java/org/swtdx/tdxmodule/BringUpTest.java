package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.events.PlatformEvents;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.seamcall.BringUp;
import org.swtdx.seamcall.SysInfo;
import org.swtdx.tdxmodule.platform.SystemState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;

/** The system state machine, from a loaded module to a ready one. */
class BringUpTest {
  /** Leaves that answer before the module is ready; all others say SYS_NOT_READY. */
  private static final List<Integer> EARLY = List.of(31, 32, 33, 34, 35, 37, 44, 45, 53);

  private static final long FEATURES0 = 0x0a00_0003_0000_0008L;

  @Test
  void onlyBringUpLeavesAnswerBeforeTheModuleIsReady() {
    try (Host host = Host.loaded()) {
      for (int leaf = 0; leaf < 200; leaf++) {
        boolean notReady = host.call(leaf) == Status.SYS_NOT_READY;
        assertThat(notReady).as("leaf %d", leaf).isNotEqualTo(EARLY.contains(leaf));
      }
    }
  }

  @Test
  void onlyLpShutdownAnswersAfterShutdown() {
    try (Host host = Host.ready()) {
      host.state().setState(SystemState.SYS_SHUTDOWN);

      for (int leaf = 0; leaf < 64; leaf++) {
        long expected = leaf == Host.LP_SHUTDOWN ? Status.SUCCESS : Status.SYS_SHUTDOWN;
        assertThat(host.call(leaf)).as("leaf %d", leaf).isEqualTo(expected);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0x1_0000_0000L | 24, // reserved bits
        0x100_0000L | 24,
        42, // TDH.MEM.SEPT.WR does not exist
        48, // service TDs are not offered
        64, // nor is migration
        128, // nor TDX Connect
        0xffff,
        1L << 16 | 24, // TDH.PHYMEM.PAGE.RDMD has no version 1
        2L << 16 | 11 // TDH.MNG.RD ends at version 1
      })
  void unknownLeavesAndVersionsBlameRax(long rax) {
    try (Host host = Host.ready()) {
      host.regs.rax = rax;
      host.module.seamcall(host.platform.processors().getFirst(), host.regs);

      assertThat(host.regs.rax).isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RAX));
    }
  }

  @Test
  void eachStepIsRefusedOutOfOrder() {
    try (Host host = Host.loaded()) {
      LogicalProcessor first = host.platform.processors().getFirst();
      assertThat(host.callOn(first, Host.SYS_LP_INIT)).isEqualTo(Status.SYS_LP_INIT_NOT_PENDING);
      assertThat(host.call(Host.SYS_RD, 0, FEATURES0)).isEqualTo(Status.SYS_LP_INIT_NOT_DONE);
      assertThat(host.call(Host.SYS_INIT, 1))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
      Host.ok(host.call(Host.SYS_INIT));
      assertThat(host.call(Host.SYS_INIT)).isEqualTo(Status.SYS_INIT_NOT_PENDING);
      Host.ok(host.callOn(first, Host.SYS_LP_INIT));
      assertThat(host.callOn(first, Host.SYS_LP_INIT)).isEqualTo(Status.SYS_LP_INIT_DONE);
      assertThat(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 1, Host.GLOBAL_KEYID))
          .isEqualTo(Status.SYS_CONFIG_NOT_PENDING);
      for (LogicalProcessor lp : host.platform.processors().subList(1, Host.LPS)) {
        Host.ok(host.callOn(lp, Host.SYS_LP_INIT));
      }
      assertThat(host.call(Host.SYS_KEY_CONFIG)).isEqualTo(Status.SYS_KEY_CONFIG_NOT_PENDING);
      host.config();
      Host.ok(host.call(Host.SYS_KEY_CONFIG));
      assertThat(host.call(Host.SYS_KEY_CONFIG)).isEqualTo(Status.KEY_CONFIGURED);
      assertThat(host.call(Host.SYS_TDMR_INIT, Host.TDMR)).isEqualTo(Status.SYS_NOT_READY);
      Host.ok(host.callOn(host.platform.processors().getLast(), Host.SYS_KEY_CONFIG));
      assertThat(host.state().state()).isEqualTo(SystemState.SYS_READY);
    }
  }

  @Test
  void theGlobalLockIsTriedOnce() {
    try (Host host = Host.loaded()) {
      assertThat(host.state().globalLock().tryHost(false)).isTrue();

      assertThat(host.call(Host.SYS_INIT)).isEqualTo(Status.SYS_BUSY);
      host.state().globalLock().release(false);
      Host.ok(host.call(Host.SYS_INIT));
    }
  }

  @Test
  void aBlockOfATdmrIsUsableOnlyWhenAllOfItIsInitialized() {
    try (Host host = Host.loaded()) {
      host.init();
      host.config();
      host.keyConfig();
      int calls = 0;
      do {
        assertThat(host.call(Host.MNG_CREATE, Host.TDMR, Host.TD_KEYID))
            .isEqualTo(Status.with(Status.OPERAND_ADDR_RANGE_ERROR, Operand.RCX));
        Host.ok(host.call(Host.SYS_TDMR_INIT, Host.TDMR));
        calls++;
      } while (host.regs.rdx == Host.TDMR);

      assertThat(calls).isEqualTo(256);
      assertThat(host.regs.rdx).isEqualTo(Host.TDMR + Host.GIB);
      assertThat(host.call(Host.SYS_TDMR_INIT, Host.TDMR))
          .isEqualTo(Status.TDMR_ALREADY_INITIALIZED);
      Host.ok(host.call(Host.MNG_CREATE, Host.TDMR, Host.TD_KEYID));
      assertThat(host.call(Host.SYS_TDMR_INIT, Host.TDMR + Host.GIB))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void thePamtBelongsToTheModulesKey() {
    try (Host host = Host.ready()) {
      for (long pamt : new long[] {Host.PAMT, Host.PAMT + 0x1000, Host.PAMT + 0x40_2000}) {
        assertThat(host.host().read64(new Hpa(pamt))).as("0x%x", pamt).isNotZero();
      }
      assertThat(host.host().read64(new Hpa(Host.PAMT + 0x40_3000))).isZero();
    }
  }

  static Stream<Arguments> badTdmrs() {
    long cmrEnd = 2 * Host.GIB;
    return Stream.of(
        bad("base not 1 GiB aligned", 0, Host.TDMR + 0x1000, Status.INVALID_TDMR, 0),
        bad("no size", 1, 0, Status.INVALID_TDMR, 0),
        bad("size wraps", 1, -Host.GIB, Status.INVALID_TDMR, 0),
        bad("beyond MAXPA", 0, 1L << 46, Status.INVALID_TDMR, 0),
        bad("larger than its PAMTs", 1, 2 * Host.GIB, Status.INVALID_PAMT, 1 << 8),
        bad("1G PAMT misaligned", 2, Host.PAMT + 8, Status.INVALID_PAMT, 2 << 8),
        bad("2M PAMT too small", 5, 0x1000, Status.INVALID_PAMT, 1 << 8),
        bad("4K PAMT too small", 7, 0x3f_f000, Status.INVALID_PAMT, 0),
        bad("4K PAMT over 2M PAMT", 6, Host.PAMT + 0x2000, Status.PAMT_OVERLAP, 0),
        bad("PAMT in usable memory", 2, Host.TDMR, Status.PAMT_OVERLAP, 2 << 8),
        bad("PAMT outside the CMRs", 2, cmrEnd, Status.PAMT_OUTSIDE_CMRS, 2 << 8),
        bad("reserved area misaligned", 9, 0x800, Status.INVALID_RESERVED_IN_TDMR, 0),
        bad("reserved area too large", 9, 2 * Host.GIB, Status.INVALID_RESERVED_IN_TDMR, 0),
        bad("gap in the reserved list", 11, 0x1000, Status.NON_ORDERED_RESERVED_IN_TDMR, 0));
  }

  private static Arguments bad(String what, int word, long value, long code, int details) {
    return Arguments.of(what, word, value, Status.with(code, details));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badTdmrs")
  void aTdmrThatBreaksARuleIsRefused(String what, int word, long value, long status) {
    try (Host host = Host.loaded()) {
      host.init();
      host.writeTdmrInfo();
      host.host().write64(new Hpa(Host.TDMR_INFO + 8L * word), value);

      assertThat(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 1, Host.GLOBAL_KEYID))
          .isEqualTo(status);
      assertThat(host.state().state()).isEqualTo(SystemState.SYSINIT_DONE);
    }
  }

  @Test
  void reservedMemoryIsNeverUsable() {
    try (Host host = Host.loaded()) {
      host.init();
      host.writeTdmrInfo();
      host.host().write64(new Hpa(Host.TDMR_INFO + 64), 0x3000);
      host.host().write64(new Hpa(Host.TDMR_INFO + 72), 0x1000);
      Host.ok(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 1, Host.GLOBAL_KEYID));
      host.keyConfig();
      host.tdmrInit();

      assertThat(host.call(Host.MNG_CREATE, Host.TDMR + 0x3000, Host.TD_KEYID))
          .isEqualTo(Status.with(Status.PAGE_METADATA_INCORRECT, Operand.RCX));
      Host.ok(host.call(Host.PAGE_RDMD, Host.TDMR + 0x3000));
      assertThat(host.regs.rcx).isOne();
      Host.ok(host.call(Host.MNG_CREATE, Host.TDMR + 0x4000, Host.TD_KEYID));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 64})
  void theGlobalKeyIdMustBePrivate(int keyId) {
    try (Host host = Host.loaded()) {
      host.init();
      host.writeTdmrInfo();

      assertThat(host.call(Host.SYS_CONFIG, Host.TDMR_INFO_ARRAY, 1, keyId))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.R8));
    }
  }

  @Test
  void theWrappersBringTheModuleUpOnUnevenMemory() {
    List<Cmr> cmrs =
        List.of(
            new Cmr(new Hpa(0x10_0000), 0x3ff0_0000L),
            new Cmr(new Hpa(0x4000_0000L), 0x2000_0000L),
            new Cmr(new Hpa(0x1_0000_0000L), 0x4000_0000L));
    try (PhysicalMemory memory = PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, cmrs)) {
      Platform platform =
          new Platform(memory, Environment.system(2_000_000_000L), new PlatformEvents(), 2, 2);

      BringUp result = org.swtdx.seamcall.TdxPlatform.bringUp(platform);

      assertThat(result).isInstanceOf(BringUp.Ready.class);
      SysInfo info = ((BringUp.Ready) result).platform().info();
      assertThat(info.version()).isEqualTo("1.5.6");
      assertThat(info.tdcsPages()).isEqualTo(6);
      assertThat(info.tdvpsPages()).isEqualTo(6);
      assertThat(info.has(SysInfo.NO_RBP_MOD) && info.has(SysInfo.TOPOLOGY_ENUM)).isTrue();
      assertThat(info.cmrs()).hasSize(2);
    }
  }

  @Test
  void sysRdallListsWhatSysRdEnumerates() {
    try (Host host = Host.ready()) {
      List<Long> read = new ArrayList<>();
      assertThat(host.call(Host.SYS_RD, 0, -1))
          .isEqualTo(Status.METADATA_FIRST_FIELD_ID_IN_CONTEXT);
      for (long id = host.regs.rdx; id != -1; id = host.regs.rdx) {
        Host.ok(host.call(Host.SYS_RD, 0, id));
        read.add(host.regs.r8);
      }

      Host.ok(host.call(Host.SYS_RDALL, 0, Host.SOURCE, -1));

      assertThat(host.regs.r8).isEqualTo(-1);
      assertThat(listElements(host)).isEqualTo(read);
    }
  }

  private static List<Long> listElements(Host host) {
    int size = host.host().read16(new Hpa(Host.SOURCE));
    List<Long> elements = new ArrayList<>();
    int sequences = 0;
    for (long at = 8; at < size; sequences++) {
      long header = host.host().read64(new Hpa(Host.SOURCE + at));
      int count = (int) ((header >>> 34 & 15) + 1) * (int) ((header >>> 38 & 0x1ff) + 1);
      for (int i = 1; i <= count; i++) {
        elements.add(host.host().read64(new Hpa(Host.SOURCE + at + 8L * i)));
      }
      at += 8L * (1 + count);
    }
    assertThat(sequences).isEqualTo(host.host().read16(new Hpa(Host.SOURCE + 2)));
    return elements;
  }

  @Test
  void sysInfoAgreesWithSysRd() {
    try (Host host = Host.ready()) {
      Host.ok(host.call(Host.SYS_INFO, Host.SOURCE, 1024, Host.SOURCE + 1024, 32));

      assertThat(host.regs.rdx).isEqualTo(1024);
      assertThat(host.host().read16(new Hpa(Host.SOURCE + 48))).isEqualTo(6 * 4096);
      assertThat(host.host().read64(new Hpa(Host.SOURCE + 1024 + 8))).isEqualTo(2 * Host.GIB);
      Host.ok(host.call(Host.SYS_RD, 0, 0x9900_0001_0000_0004L));
      assertThat(host.host().read32(new Hpa(Host.SOURCE + 128))).isEqualTo((int) host.regs.r8);
      Host.ok(host.call(Host.SYS_RD, 0, 0x9900_0003_0000_0400L));
      assertThat(host.host().read64(new Hpa(Host.SOURCE + 132))).isEqualTo(host.regs.r8);
      assertThat(host.call(Host.SYS_INFO, Host.SOURCE, 1023, Host.SOURCE, 32))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RDX));
    }
  }
}
