package org.swtdx.cpu.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.cpu.GuestPhysicalMap.EXECUTE;
import static org.swtdx.cpu.GuestPhysicalMap.READ;
import static org.swtdx.cpu.GuestPhysicalMap.WRITE;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;

/** Page walks: every entry bit in every paging mode, SDM Vol. 3A chapter 5. */
class PageWalkTest {
  private static final long LINEAR = 0x0000_1234_5678_9000L;
  private static final long XD = Long.MIN_VALUE;
  private static final int OK = -1;

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void presentMappingTranslatesAndSetsAccessedAndDirty(int levels) {
    try (WalkBench b = new WalkBench().longMode(levels, LINEAR)) {
      b.write64(WalkBench.PAGE + 8, 0x1122334455667788L);
      assertThat(b.core.load64(LINEAR + 8)).isEqualTo(0x1122334455667788L);
      for (int level = levels; level >= 1; level--) {
        long entry = b.read64(WalkBench.entry(levels, level, LINEAR));
        assertThat(entry & 0x60).as("level %d after a read", level).isEqualTo(0x20);
      }
      b.core.store64(LINEAR, 7);
      assertThat(b.read64(WalkBench.PAGE)).isEqualTo(7);
      assertThat(b.read64(WalkBench.entry(levels, 1, LINEAR)) & 0x60).isEqualTo(0x60);
      assertThat(b.read64(WalkBench.entry(levels, 2, LINEAR)) & 0x40).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "4, 3", "4, 2", "4, 1", "5, 5", "5, 4", "5, 3", "5, 2", "5, 1"})
  void absentEntryFaultsWithoutP(int levels, int level) {
    try (WalkBench b = new WalkBench().longMode(levels, LINEAR)) {
      long at = WalkBench.entry(levels, level, LINEAR);
      b.write64(at, b.read64(at) & ~1L);
      assertThat(b.access(READ, LINEAR + 0x123)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isZero();
      assertThat(b.faultAddress).isEqualTo(LINEAR + 0x123);
      assertThat(b.access(WRITE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(2);
      assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x10);
      b.user(true);
      assertThat(b.access(READ, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(4);
    }
  }

  /** Entry bits cleared or set at one level, the access, user or not, and the outcome. */
  @ParameterizedTest
  @CsvSource({
    // bits to flip in the entry, access, user, WP, SMEP, SMAP, AC, error code or -1
    "0x0, 2, true, true, false, false, false, -1",
    "0x4, 1, true, true, false, false, false, 0x5",
    "0x4, 2, true, true, false, false, false, 0x7",
    "0x4, 4, true, true, false, false, false, 0x15",
    "0x2, 2, true, true, false, false, false, 0x7",
    "0x2, 1, true, true, false, false, false, -1",
    "0x2, 2, false, true, false, false, false, 0x3",
    "0x2, 2, false, false, false, false, false, -1",
    "0x0, 4, false, true, true, false, false, 0x11",
    "0x4, 4, false, true, true, false, false, -1",
    "0x0, 1, false, true, false, true, false, 0x1",
    "0x0, 2, false, true, false, true, false, 0x3",
    "0x0, 1, false, true, false, true, true, -1",
    "0x4, 1, false, true, false, true, false, -1",
    "0x0, 4, false, true, false, true, false, -1",
  })
  void permissionsOfOneLevelDecide(
      String bits,
      int access,
      boolean user,
      boolean wp,
      boolean smep,
      boolean smap,
      boolean ac,
      String code) {
    for (int level = 4; level >= 1; level--) {
      try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
        long at = WalkBench.entry(4, level, LINEAR);
        b.write64(at, b.read64(at) ^ Long.decode(bits));
        b.core.cr0 = wp ? b.core.cr0 : b.core.cr0 & ~Core.CR0_WP;
        b.core.cr4 |= (smep ? Core.CR4_SMEP : 0) | (smap ? Core.CR4_SMAP : 0);
        b.core.flags.control |= ac ? Flags.AC : 0;
        b.user(user);
        int expected = Integer.decode(code);
        assertThat(b.access(access, LINEAR)).isEqualTo(expected == -1 ? OK : Core.PF);
        assertThat(b.errorCode).as("level %d", level).isEqualTo(expected);
      }
    }
  }

  @Test
  void executeDisableOfAnyLevelForbidsFetchesOnly() {
    for (int level = 4; level >= 1; level--) {
      try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
        long at = WalkBench.entry(4, level, LINEAR);
        b.write64(at, b.read64(at) | XD);
        assertThat(b.access(READ, LINEAR)).isEqualTo(OK);
        assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
        assertThat(b.errorCode).isEqualTo(0x11);
        b.core.efer &= ~Core.EFER_NXE;
        b.core.flushTlb();
        assertThat(b.access(READ, LINEAR)).isEqualTo(Core.PF);
        assertThat(b.errorCode).isEqualTo(0x9);
        assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
        assertThat(b.errorCode).as("no I/D without NXE and SMEP").isEqualTo(0x9);
      }
    }
  }

  /** Reserved bits of 4-level entries with a guest physical width of 48. */
  @ParameterizedTest
  @CsvSource({
    "4, 0x80, true",
    "4, 0x1000000000000, true",
    "4, 0x8000000000000, true",
    "4, 0x7ff0000000000000, false",
    "3, 0x1000000000000, true",
    "3, 0x2000, false",
    "3, 0x2080, true",
    "3, 0x20000080, true",
    "3, 0x1080, false",
    "2, 0x2080, true",
    "2, 0x100080, true",
    "2, 0x1080, false",
    "2, 0x1000000000000, true",
    "1, 0x1000000000000, true",
    "1, 0x8000000000000, true",
    "1, 0xf80, false",
    "1, 0x7ff0000000000000, false",
  })
  void reservedBitsFault(int level, String bits, boolean reserved) {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      b.controls.guestPhysicalAddressBits = 48;
      long at = WalkBench.entry(4, level, LINEAR);
      long mask = Long.decode(bits);
      boolean leaf = level > 1 && level < 4 && (mask & 0x80) != 0;
      long entry = leaf ? 7 : b.read64(at);
      b.write64(at, entry | mask);
      int vector = b.access(READ, LINEAR);
      if (reserved) {
        assertThat(vector).isEqualTo(Core.PF);
        assertThat(b.errorCode).isEqualTo(9);
      } else {
        assertThat(vector == Core.PF && b.errorCode == 9).as("reserved-bit fault").isFalse();
      }
    }
  }

  @Test
  void largePagesTranslateTheWholeRange() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      b.write64(WalkBench.entry(4, 2, LINEAR), WalkBench.PAGE | 0x87);
      b.write64(WalkBench.PAGE + (LINEAR & 0x1f_ffff) + 0x18, 42);
      assertThat(b.core.load64(LINEAR + 0x18)).isEqualTo(42);
      assertThat(b.read64(WalkBench.entry(4, 2, LINEAR)) & 0x60).isEqualTo(0x20);
      b.core.flushTlb();
      b.write64(WalkBench.entry(4, 3, LINEAR), 0x87);
      b.write64(0x12345 * 8, 43);
      long inGigabyte = LINEAR & ~0x3fff_ffffL | 0x12345 * 8;
      assertThat(b.core.load64(inGigabyte)).isEqualTo(43);
    }
  }

  @Test
  void protectionKeysApplyToDataOfTheirPages() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      long at = WalkBench.entry(4, 1, LINEAR);
      b.write64(at, b.read64(at) | 3L << 59);
      b.core.cr4 |= 1L << 22;
      b.user(true);
      b.mmu.setPkru(b.core, 2 << 6);
      assertThat(b.access(READ, LINEAR)).isEqualTo(OK);
      assertThat(b.access(WRITE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x27);
      assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(OK);
      b.mmu.setPkru(b.core, 1 << 6);
      assertThat(b.access(READ, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x25);
      b.user(false);
      assertThat(b.access(READ, LINEAR)).as("user page, supervisor access").isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x21);
    }
  }

  @Test
  void supervisorKeysApplyToSupervisorPages() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      long at = WalkBench.entry(4, 1, LINEAR);
      b.write64(at, b.read64(at) & ~4L | 5L << 59);
      b.core.cr4 |= 1L << 24;
      b.mmu.setPkrs(b.core, 2 << 10);
      assertThat(b.access(READ, LINEAR)).isEqualTo(OK);
      assertThat(b.access(WRITE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x23);
      b.core.cr0 &= ~Core.CR0_WP;
      assertThat(b.access(WRITE, LINEAR)).as("CR0.WP clear").isEqualTo(OK);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0x7fffffffffff, -1, true",
    "4, 0x800000000000, 13, false",
    "4, 0xffff800000000000, 14, false",
    "4, 0xffff7fffffffffff, 13, false",
    "5, 0x800000000000, 14, false",
    "5, 0x100000000000000, 13, false",
  })
  void nonCanonicalAddressesAreProtectionFaults(
      int levels, String linear, int vector, boolean mapped) {
    try (WalkBench b = new WalkBench().longMode(levels, LINEAR)) {
      long address = Long.parseUnsignedLong(linear.substring(2), 16);
      if (mapped) {
        b.longMode(levels, address & -8L);
      }
      assertThat(b.access(READ, address & -8L)).isEqualTo(vector);
      if (vector == Core.GP) {
        assertThat(b.core.faultErrorCode).isZero();
      }
    }
  }

  @Test
  void accessAcrossPagesFaultsAtTheSecondPageAndWritesNothing() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      b.write64(WalkBench.PAGE + 0xff8, 0);
      assertThat(b.access(WRITE, LINEAR + 0xffc)).isEqualTo(Core.PF);
      assertThat(b.faultAddress).isEqualTo(LINEAR + 0x1000);
      assertThat(b.read64(WalkBench.PAGE + 0xff8)).isZero();
      b.write64(WalkBench.entry(4, 1, LINEAR + 0x1000), WalkBench.PAGE + 0x5000 | 7);
      b.core.store64(LINEAR + 0xffc, 0x1122334455667788L);
      assertThat(b.read64(WalkBench.PAGE + 0xff8)).isEqualTo(0x5566778800000000L);
      assertThat(b.read32(WalkBench.PAGE + 0x5000)).isEqualTo(0x11223344);
      assertThat(b.core.load64(LINEAR + 0xffc)).isEqualTo(0x1122334455667788L);
    }
  }

  @Test
  void invalidatedPageIsTranslatedAnew() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      b.write64(WalkBench.PAGE, 1);
      b.write64(WalkBench.PAGE + 0x3000, 2);
      assertThat(b.core.load64(LINEAR)).isEqualTo(1);
      b.write64(WalkBench.entry(4, 1, LINEAR), WalkBench.PAGE + 0x3000 | 7);
      b.mmu.flushPage(b.core, LINEAR);
      assertThat(b.core.load64(LINEAR)).isEqualTo(2);
    }
  }

  @Test
  void secondLevelFaultOfATableIsNotTheFinalAccess() {
    try (WalkBench b = new WalkBench().longMode(4, LINEAR)) {
      long entry = WalkBench.entry(4, 2, LINEAR);
      b.refused.put(entry >>> 12, READ);
      assertThat(b.access(WRITE, LINEAR)).isEqualTo(-2);
      assertThat(b.secondLevelGpa).isEqualTo(entry);
      assertThat(b.secondLevelFinal).isFalse();
      assertThat(b.secondLevelAccess).isEqualTo(READ);
      b.refused.clear();
      b.refused.put(entry >>> 12, WRITE);
      assertThat(b.access(READ, LINEAR)).as("setting the accessed flag").isEqualTo(-2);
      assertThat(b.secondLevelAccess).isEqualTo(WRITE);
      b.refused.clear();
      b.refused.put(WalkBench.PAGE >>> 12, WRITE);
      assertThat(b.access(READ, LINEAR)).isEqualTo(OK);
      assertThat(b.access(WRITE, LINEAR + 0x10)).isEqualTo(-2);
      assertThat(b.secondLevelGpa).isEqualTo(WalkBench.PAGE + 0x10);
      assertThat(b.secondLevelFinal).isTrue();
    }
  }
}
