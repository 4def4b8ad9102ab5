package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * What every return value of TDH.VP.ENTER means, over the whole 64-bit space: structured values
 * (all classes and codes of statuses with all exit reasons) and random ones, against a second
 * description of the same rules.
 */
class EntryReturnValuesTest {
  /** Statuses, upper halves, whose lower half is a VM-exit reason. */
  private static final Set<Integer> EXITS =
      Set.of(0, 0x4000_0001, 0x6000_0002, 0x6000_0005, 0xe000_0007);

  private static final int BUSY = 0x8000_0200;
  private static final int NMI = 0;
  private static final int TDCALL = 77;
  private static final int TRIPLE_FAULT = 2;

  private static void check(long ret) {
    EntryReturn meaning = EntryReturn.of(ret);
    int upper = (int) (ret >>> 32);
    boolean exits = EXITS.contains(upper);
    boolean failed = (ret & 0x8000_0000L) != 0;
    switch (meaning) {
      case EntryReturn.Exit(int reason) -> {
        assertThat(exits && !failed).as("%016x", ret).isTrue();
        assertThat(reason).isEqualTo((int) ret & 0xffff);
        assertThat(upper == 0 || reason == TRIPLE_FAULT).as("%016x", ret).isTrue();
      }
      case EntryReturn.FailedEntry(int reason) -> {
        assertThat(exits && failed).as("%016x", ret).isTrue();
        assertThat(reason).isEqualTo((int) ret);
      }
      case EntryReturn.Lost _ -> assertThat(exits && !failed && upper != 0).isTrue();
      case EntryReturn.Retry _ -> assertThat(upper).isEqualTo(BUSY);
      case EntryReturn.NotRun _ ->
          assertThat(ret < 0 ? ret >>> 40 & 0xff : 0).as("%016x", ret).isEqualTo(0xff);
      case EntryReturn.Refused _ -> assertThat(exits).as("%016x", ret).isFalse();
    }
    if (!exits) {
      assertThat(meaning).as("%016x is no exit", ret).isNotInstanceOf(EntryReturn.Exit.class);
    }
  }

  @Test
  void structuredValues() {
    int[] classes = {0x0000, 0x4000, 0x6000, 0x8000, 0xc000, 0xe000, 0xa000, 0x2000};
    int[] reasons = {NMI, 1, TRIPLE_FAULT, 10, 12, 28, 30, 31, 48, 49, TDCALL, 78, 0xff, 0xffff};
    for (int statusClass : classes) {
      for (int code = 0; code < 0x10000; code += code < 0x400 ? 1 : 0x55) {
        long upper = (long) statusClass << 48 | (long) code << 32;
        for (int reason : reasons) {
          check(upper | reason);
          check(upper | 0x8000_0000L | reason);
        }
      }
    }
  }

  @Test
  void randomValues() {
    SplittableRandom random = new SplittableRandom(20261121);
    LongStream.generate(random::nextLong).limit(1_000_000).forEach(EntryReturnValuesTest::check);
    LongStream.generate(random::nextLong)
        .limit(1_000_000)
        .map(value -> value & 0xe000_ffff_8000_ffffL)
        .forEach(EntryReturnValuesTest::check);
  }

  /** A triple fault of a vCPU that the module gave up is the only exit of an error value. */
  @Test
  void noErrorIsTakenForAnNmiOrTdcall() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 1_000_000; i++) {
      long error = random.nextLong() | Long.MIN_VALUE;
      for (int reason : new int[] {NMI, TDCALL}) {
        EntryReturn meaning = EntryReturn.of(error & ~0xffff_ffffL | reason);
        assertThat(meaning instanceof EntryReturn.Exit).isFalse();
      }
    }
  }
}
