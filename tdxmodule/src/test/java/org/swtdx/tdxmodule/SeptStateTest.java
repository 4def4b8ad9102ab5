package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.sept.SeptState;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.OpState;

/** Which leaf takes a Secure EPT entry from which state to which. */
class SeptStateTest {
  private static final long GPA = 0x80_0000;

  /** Leaf, leaf number, and "from>to" for every leaf state that the leaf accepts during build. */
  private static final String[] TRANSITIONS = {
    "PAGE.ADD 2 FREE>MAPPED",
    "PAGE.AUG 6 FREE>PENDING REMOVED>PENDING",
    "RANGE.BLOCK 7 MAPPED>BLOCKED BLOCKEDW>BLOCKED PENDING>PENDING_BLOCKED"
        + " PENDING_BLOCKEDW>PENDING_BLOCKED",
    "RANGE.UNBLOCK 39 BLOCKED>MAPPED PENDING_BLOCKED>PENDING",
    "PAGE.REMOVE 29 MAPPED>FREE BLOCKED>FREE BLOCKEDW>FREE PENDING>FREE PENDING_BLOCKED>FREE"
        + " PENDING_BLOCKEDW>FREE",
    "PAGE.RELOCATE 5 MAPPED>MAPPED BLOCKED>MAPPED BLOCKEDW>BLOCKEDW"
        + " EXPORTED_BLOCKEDW>EXPORTED_BLOCKEDW EXPORTED_DIRTY>EXPORTED_DIRTY"
        + " EXPORTED_DIRTY_BLOCKEDW>EXPORTED_DIRTY_BLOCKEDW PENDING>PENDING"
        + " PENDING_BLOCKED>PENDING PENDING_BLOCKEDW>PENDING_BLOCKEDW"
        + " PENDING_EXPORTED_BLOCKEDW>PENDING_EXPORTED_BLOCKEDW"
        + " PENDING_EXPORTED_DIRTY>PENDING_EXPORTED_DIRTY"
        + " PENDING_EXPORTED_DIRTY_BLOCKEDW>PENDING_EXPORTED_DIRTY_BLOCKEDW"
  };

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (String row : TRANSITIONS) {
      String[] words = row.split(" ");
      for (SeptState from : SeptState.values()) {
        if (!from.isNonLeaf()) {
          String to =
              Arrays.stream(words)
                  .filter(w -> w.startsWith(from + ">"))
                  .map(w -> w.substring(w.indexOf('>') + 1))
                  .findFirst()
                  .orElse("");
          cases.add(Arguments.of(words[0], Integer.parseInt(words[1]), from, to));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest(name = "{0} of {2}")
  @MethodSource("cases")
  void aLeafAcceptsAnEntryOnlyInItsStates(String name, int leaf, SeptState from, String to) {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);
      SeptEntry entry = entryIn(host, tdr, from);

      long status = host.call(leaf, GPA, tdr, host.page(), Host.SOURCE);

      if (to.isEmpty()) {
        boolean again = leaf == Host.RANGE_BLOCK && from.isBlocked();
        long code = again ? Status.GPA_RANGE_ALREADY_BLOCKED : Status.EPT_ENTRY_STATE_INCORRECT;
        assertThat(status).isEqualTo(Status.with(code, Operand.RCX));
        assertThat(host.regs.rcx).isEqualTo(entry.architectural());
        assertThat(host.regs.rdx).isEqualTo((long) from.publicState() << 8);
        assertThat(entry.state()).isEqualTo(from);
      } else {
        assertThat(status).isZero();
        assertThat(entry.state()).isEqualTo(SeptState.valueOf(to));
        assertThat(host.regs.rdx).isZero();
      }
      assertThat(entry.tryLockHost()).isTrue();
    }
  }

  /** Gives the entry a page where its state has one. */
  private static SeptEntry entryIn(Host host, long tdr, SeptState state) {
    SeptEntry entry = host.td(tdr).tdcs().sept().walk(GPA, 0);
    if (state.isLeaf()) {
      Host.ok(host.call(Host.PAGE_ADD, GPA, tdr, host.page(), Host.SOURCE));
      entry.setState(state);
    } else if (state == SeptState.REMOVED) {
      entry.clear(state);
    }
    return entry;
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource(SeptState.class)
  void theStateIsEncodedInTheEntry(SeptState state) {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);
      SeptEntry entry = host.td(tdr).tdcs().sept().walk(GPA, 0);
      if (state.isLeaf()) {
        entry.setLeaf(state, 0x5000, false);
      } else {
        entry.setState(state);
      }

      Host.ok(host.call(Host.SEPT_RD, GPA, tdr));

      assertThat(host.regs.rdx).isEqualTo((long) state.publicState() << 8);
      boolean rwx = state == SeptState.MAPPED || state == SeptState.EXPORTED_DIRTY;
      assertThat((host.regs.rcx & 7) == 7).isEqualTo(rwx || state == SeptState.NL_MAPPED);
      assertThat(host.regs.rcx & 1L << 11 | host.regs.rcx & 0x1fL << 52).isZero();
    }
  }

  @Test
  void aFreeEntryShowsOnlySuppressVe() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);

      Host.ok(host.call(Host.SEPT_RD, 3, tdr));
      assertThat(host.regs.rcx).isEqualTo(1L << 63);
      assertThat(host.regs.rdx).isEqualTo(3);
      assertThat(host.call(Host.SEPT_RD, GPA, tdr))
          .isEqualTo(Status.with(Status.EPT_WALK_FAILED, Operand.RCX));
      assertThat(host.regs.rdx).as("the level that the walk reached").isEqualTo(3);
    }
  }

  @Test
  void aSecureEptPageIsAddedOnceAndRemovedWhenItsEntriesAreFree() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      List<Long> pages = host.addSept(tdr, GPA, 0);
      long spare = host.page();
      assertThat(pages).hasSize(3);
      assertThat(host.call(Host.SEPT_ADD, GPA | 1, tdr, spare))
          .isEqualTo(Status.with(Status.EPT_ENTRY_STATE_INCORRECT, Operand.RCX));
      assertThat(host.regs.rdx).isEqualTo(132 << 8 | 1);
      Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, spare));
      assertThat(host.call(Host.SEPT_REMOVE, GPA | 1, tdr))
          .isEqualTo(Status.with(Status.EPT_PAGE_NOT_FREE, Operand.RCX));
      Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));
      assertThat(host.regs.rcx).isEqualTo(spare);

      for (int level = 1; level <= 3; level++) {
        Host.ok(host.call(Host.SEPT_REMOVE, GPA & -(1L << 12 + 9 * level) | level, tdr));
        assertThat(host.regs.rcx).isEqualTo(pages.get(3 - level));
      }
      assertThat(host.td(tdr).childCount()).isEqualTo(6);
      Host.ok(host.call(Host.PAGE_RDMD, pages.getFirst()));
      assertThat(host.regs.rcx).isEqualTo(PageType.NDA.number());
    }
  }

  @Test
  void aBlockedTableStopsWalks() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);
      Host.ok(host.call(Host.RANGE_BLOCK, GPA | 1, tdr));

      assertThat(host.call(Host.PAGE_AUG, GPA, tdr, host.page()))
          .isEqualTo(Status.with(Status.EPT_WALK_FAILED, Operand.RCX));
      assertThat(host.regs.rdx).isEqualTo(129 << 8 | 1);
      Host.ok(host.call(Host.RANGE_UNBLOCK, GPA | 1, tdr));
      Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));
    }
  }

  @Test
  void removedPagesAreRememberedDuringAnImport() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);
      Host.ok(host.call(Host.PAGE_AUG, GPA, tdr, host.page()));
      host.td(tdr).tdcs().setOpState(OpState.POST_IMPORT);

      Host.ok(host.call(Host.PAGE_REMOVE, GPA, tdr));

      assertThat(host.td(tdr).tdcs().sept().walk(GPA, 0).state()).isEqualTo(SeptState.REMOVED);
    }
  }

  static Stream<Arguments> badMappings() {
    return Stream.of(
        Arguments.of("level bits reserved", Host.PAGE_AUG, GPA | 8),
        Arguments.of("level too high for AUG", Host.PAGE_AUG, 0x4000_0000L | 2),
        Arguments.of("misaligned for its level", Host.PAGE_AUG, 0x1000 | 1),
        Arguments.of("shared", Host.PAGE_AUG, GPA | 1L << 47),
        Arguments.of("beyond GPAW", Host.PAGE_AUG, 1L << 48),
        Arguments.of("top bits reserved", Host.PAGE_AUG, GPA | 1L << 52),
        Arguments.of("negative", Host.PAGE_REMOVE, Long.MIN_VALUE),
        Arguments.of("a leaf level for SEPT.ADD", Host.SEPT_ADD, GPA),
        Arguments.of("level above the root", Host.SEPT_ADD, 4),
        Arguments.of("level above the root", Host.SEPT_RD, 4),
        Arguments.of("not 4 KiB for ADD", Host.PAGE_ADD, GPA | 1),
        Arguments.of("MR.EXTEND not 256-aligned", Host.MR_EXTEND, GPA | 128),
        Arguments.of("level 7", Host.RANGE_BLOCK, 7));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badMappings")
  void aBadMappingBlamesRcx(String what, int leaf, long mapping) {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 0);

      assertThat(host.call(leaf, mapping, tdr, host.page(), Host.SOURCE))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
    }
  }

  @Test
  void aLargePageNeedsAllItsSmallPages() {
    try (Host host = Host.ready()) {
      long tdr = host.initializedTd(Host.TD_KEYID, 0);
      host.addSept(tdr, GPA, 1);
      long large = host.largePage();
      Host.ok(host.call(Host.MNG_CREATE, large + 0x3000, Host.TD_KEYID + 1));

      assertThat(host.call(Host.PAGE_AUG, GPA | 1, tdr, large))
          .isEqualTo(Status.with(Status.PAGE_METADATA_INCORRECT, Operand.R8));
      assertThat(host.call(Host.PAGE_AUG, GPA | 1, tdr, large + 0x1000))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.R8));
      large = host.largePage();
      Host.ok(host.call(Host.PAGE_AUG, GPA | 1, tdr, large));
      assertThat(host.call(Host.MNG_CREATE, large + 0x3000, Host.TD_KEYID + 2))
          .isEqualTo(Status.with(Status.PAGE_METADATA_INCORRECT, Operand.RCX));
      Host.ok(host.call(Host.PAGE_RDMD, large + 0x3000));
      assertThat(host.regs.r8).isEqualTo(1);
      assertThat(host.regs.rdx).isEqualTo(tdr);
      assertThat(host.call(Host.PAGE_RECLAIM, large + 0x3000))
          .isEqualTo(Status.with(Status.OPERAND_INVALID, Operand.RCX));
      Host.ok(host.call(Host.PAGE_REMOVE, GPA | 1, tdr));
      assertThat(host.regs.rcx).isEqualTo(large);
    }
  }
}
