package org.swtdx.cpu.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.cpu.GuestPhysicalMap.EXECUTE;
import static org.swtdx.cpu.GuestPhysicalMap.READ;
import static org.swtdx.cpu.GuestPhysicalMap.WRITE;

import org.junit.jupiter.api.Test;
import org.swtdx.cpu.core.Core;

/** No paging, 32-bit paging and PAE paging. */
class LegacyPagingTest {
  private static final long LINEAR = 0x1234_5000L;
  private static final int OK = -1;

  private static WalkBench shortMode() {
    WalkBench b = new WalkBench();
    b.core.cr0 = Core.CR0_PE | Core.CR0_PG | Core.CR0_WP;
    b.core.cr3 = 0x1000;
    b.core.accessRights[1] = 0xc09b;
    b.core.modeChanged();
    b.write32(0x1000 + (int) (LINEAR >>> 22) * 4, 0x2007);
    b.write32(0x2000 + (int) (LINEAR >>> 12 & 0x3ff) * 4, (int) WalkBench.PAGE | 7);
    return b;
  }

  private static int directory() {
    return 0x1000 + (int) (LINEAR >>> 22) * 4;
  }

  private static int table() {
    return 0x2000 + (int) (LINEAR >>> 12 & 0x3ff) * 4;
  }

  @Test
  void withoutPagingAddressesArePhysicalAndWrapAt4Gib() {
    try (WalkBench b = new WalkBench()) {
      b.write32(0x3000, 77);
      assertThat(b.core.load32(0x3000)).isEqualTo(77);
      assertThat(b.core.load32(0x1_0000_3000L)).isEqualTo(77);
      assertThat(b.core.load32(0x8000_0000L)).as("absent memory").isEqualTo(-1);
    }
  }

  @Test
  void twoLevelWalkSetsFlags() {
    try (WalkBench b = shortMode()) {
      b.write32(WalkBench.PAGE + 4, 99);
      assertThat(b.core.load32(LINEAR + 4)).isEqualTo(99);
      assertThat(b.read32(table()) & 0x60).isEqualTo(0x20);
      b.core.store32(LINEAR, 1);
      assertThat(b.read32(table()) & 0x60).isEqualTo(0x60);
      assertThat(b.read32(directory()) & 0x60).isEqualTo(0x20);
    }
  }

  @Test
  void fourMebibytePagesReachAbove4GibAndCheckTheirReservedBit() {
    try (WalkBench b = shortMode()) {
      b.write32(directory(), 0x87);
      b.core.cr4 = Core.CR4_PSE;
      b.write32(LINEAR & 0x3f_ffff, 5);
      assertThat(b.core.load32(LINEAR)).isEqualTo(5);
      b.core.flushTlb();
      b.write32(directory(), 0x2087);
      assertThat(b.core.load32(LINEAR)).as("above 4 GiB nobody answers").isEqualTo(-1);
      b.core.flushTlb();
      b.write32(directory(), 1 << 21 | 0x87);
      assertThat(b.access(READ, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(9);
      b.core.cr4 = 0;
      b.write32(directory(), 0x2087);
      assertThat(b.access(READ, LINEAR)).as("without PSE the bit is ignored").isEqualTo(OK);
    }
  }

  @Test
  void fetchFaultsHaveNoInstructionBitWithoutNxOrSmep() {
    try (WalkBench b = shortMode()) {
      b.write32(table(), 0);
      assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isZero();
      b.core.cr4 = Core.CR4_SMEP;
      assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x10);
    }
  }

  private static WalkBench pae() {
    WalkBench b = new WalkBench();
    b.core.cr0 = Core.CR0_PE | Core.CR0_PG | Core.CR0_WP;
    b.core.cr4 = Core.CR4_PAE;
    b.core.efer = Core.EFER_NXE;
    b.core.cr3 = 0x1020;
    b.core.accessRights[1] = 0xc09b;
    b.core.modeChanged();
    b.write64(0x1020, 0x2001);
    b.write64(0x2000 + (LINEAR >>> 21 & 0x1ff) * 8, 0x3007);
    b.write64(0x3000 + (LINEAR >>> 12 & 0x1ff) * 8, WalkBench.PAGE | 7);
    return b;
  }

  @Test
  void paeWalksFromLoadedPointers() {
    try (WalkBench b = pae()) {
      assertThat(b.mmu.loadPointers(b.core.cr3)).isTrue();
      b.write32(WalkBench.PAGE, 11);
      assertThat(b.core.load32(LINEAR)).isEqualTo(11);
      b.write64(0x1020, 0);
      b.core.flushTlb();
      assertThat(b.core.load32(LINEAR)).as("the registers still hold it").isEqualTo(11);
      assertThat(b.mmu.loadPointers(b.core.cr3)).isTrue();
      b.core.flushTlb();
      assertThat(b.access(WRITE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(2);
    }
  }

  @Test
  void paePointersWithReservedBitsAreRefused() {
    for (long bit : new long[] {2, 4, 0x20, 0x40, 0x80, 0x100, 1L << 52, 1L << 63}) {
      try (WalkBench b = pae()) {
        b.write64(0x1020, 0x2001 | bit);
        assertThat(b.mmu.loadPointers(b.core.cr3)).as("bit %x", bit).isFalse();
      }
    }
  }

  @Test
  void paeEntriesHaveReservedHighBits() {
    try (WalkBench b = pae()) {
      assertThat(b.mmu.loadPointers(b.core.cr3)).isTrue();
      b.write64(0x3000 + (LINEAR >>> 12 & 0x1ff) * 8, WalkBench.PAGE | 7 | 1L << 52);
      assertThat(b.access(READ, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(9);
      b.write64(0x3000 + (LINEAR >>> 12 & 0x1ff) * 8, WalkBench.PAGE | 7 | 1L << 63);
      assertThat(b.access(READ, LINEAR)).isEqualTo(OK);
      assertThat(b.access(EXECUTE, LINEAR)).isEqualTo(Core.PF);
      assertThat(b.errorCode).isEqualTo(0x11);
    }
  }
}
