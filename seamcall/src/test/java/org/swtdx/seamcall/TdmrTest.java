package org.swtdx.seamcall;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/** Construction of TDMRs from any set of CMRs. */
class TdmrTest {
  private static final long GIB = 1L << 30;

  private static Cmr cmr(long base, long size) {
    return new Cmr(new Hpa(base), size);
  }

  @Test
  void touchingBlocksShareARegion() {
    List<Tdmr> tdmrs =
        Tdmr.covering(
            List.of(cmr(0x10_0000, 0x1000_0000), cmr(0x3000_0000, 0x2000_0000), cmr(4 * GIB, GIB)));

    assertThat(tdmrs).extracting(t -> t.base().value()).containsExactly(0L, 4 * GIB);
    assertThat(tdmrs).extracting(Tdmr::end).containsExactly(2 * GIB, 5 * GIB);
  }

  /** Every page is either convertible and usable, or reserved; PAMTs are reserved everywhere. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatIsNotReservedIsConvertibleMemoryWithoutPamts(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Cmr> cmrs = new ArrayList<>();
    long at = 0;
    for (int i = 0; i < 4; i++) {
      long base = at + (random.nextLong(0, 700) << 20);
      long size = random.nextLong(64, 900) << 20;
      cmrs.add(cmr(base, size));
      at = base + size + (1L << 20);
    }
    try (PhysicalMemory memory = PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, cmrs)) {
      List<Tdmr> tdmrs = Tdmr.covering(cmrs);
      for (Tdmr tdmr : tdmrs) {
        assertThat(tdmr.allocatePamt(memory.frames(), List.of(16, 16, 16))).isTrue();
      }
      tdmrs.forEach(tdmr -> tdmr.reserve(cmrs, tdmrs));

      long usable = 0;
      for (Tdmr tdmr : tdmrs) {
        usable += tdmr.end() - tdmr.base().value();
        long end = tdmr.base().value();
        for (long[] area : tdmr.reserved()) {
          assertThat(area[0]).as("ascending and disjoint").isGreaterThanOrEqualTo(end);
          end = area[1];
          usable -= area[1] - area[0];
        }
      }
      long convertible = cmrs.stream().mapToLong(Cmr::size).sum();
      long pamts = memory.frames().allocatedFrames() * Hpa.PAGE_SIZE;
      assertThat(usable).isEqualTo(convertible - pamts);
      tdmrs.forEach(tdmr -> tdmr.freePamt(memory.frames()));
      assertThat(memory.frames().allocatedFrames()).isZero();
    }
  }

  @Test
  void infoIsEncodedWithOffsetsFromTheBase() {
    List<Cmr> cmrs = List.of(cmr(GIB + 0x10_0000, 0x2000_0000));
    try (PhysicalMemory memory = PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, cmrs)) {
      List<Tdmr> tdmrs = Tdmr.covering(cmrs);
      Tdmr tdmr = tdmrs.getFirst();
      tdmr.allocatePamt(memory.frames(), List.of(16, 16, 16));
      tdmr.reserve(cmrs, tdmrs);

      ByteBuffer info = ByteBuffer.wrap(tdmr.encode()).order(ByteOrder.LITTLE_ENDIAN);

      assertThat(info.capacity()).isEqualTo(512);
      assertThat(info.getLong(0)).isEqualTo(GIB);
      assertThat(info.getLong(8)).isEqualTo(GIB);
      assertThat(info.getLong(24)).as("1G PAMT").isEqualTo(4096);
      assertThat(info.getLong(40)).as("2M PAMT").isEqualTo(8192);
      assertThat(info.getLong(56)).as("4K PAMT").isEqualTo(4 << 20);
      assertThat(info.getLong(64)).as("first reserved offset").isZero();
      assertThat(info.getLong(72)).isGreaterThanOrEqualTo(0x10_0000);
    }
  }

  @Test
  void aRefusedBringUpGivesEverythingBackAndSaysWhy() {
    try (FakeModule module = new FakeModule()) {
      BringUp result = TdxPlatform.bringUp(module.platform, module);

      assertThat(result).isInstanceOf(BringUp.Failed.class);
      assertThat(result.toString()).startsWith("TDH.SYS.RD: TDX_FEATURES0 lacks TOPOLOGY_ENUM;");
      assertThat(module.memory.frames().allocatedFrames()).isZero();
      module.script.add(FakeModule.Answer.status(0xc000_0500_0000_0000L));
      assertThat(TdxPlatform.bringUp(module.platform, module).toString())
          .startsWith("TDH.SYS.INIT: TDX_SYS_INIT_NOT_PENDING; ");
    }
  }
}
