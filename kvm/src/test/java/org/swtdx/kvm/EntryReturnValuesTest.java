package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;

/**
 * What every return value of TDH.VP.ENTER means, over the whole 64-bit space: structured values
 * (all classes and codes of statuses with all exit reasons, and what differs from them in one bit)
 * and random ones, against a second description of the same rules, which gives each value one
 * meaning.
 */
class EntryReturnValuesTest {
  /** Statuses, upper halves, whose lower half is a VM-exit reason. */
  private static final Set<Integer> EXITS =
      Set.of(0, 0x4000_0001, 0x6000_0002, 0x6000_0005, 0xe000_0007);

  private static final int BUSY = 0x8000_0200;
  private static final int NMI = 0;
  private static final int TDCALL = 77;
  private static final int TRIPLE_FAULT = 2;
  private static final int[] REASONS = {
    NMI, 1, TRIPLE_FAULT, 10, 12, 28, 30, 31, 48, 49, TDCALL, 78, 0xff, 0xffff
  };

  /** The one meaning of a value. */
  private static EntryReturn expected(long ret) {
    int upper = (int) (ret >>> 32);
    int lower = (int) ret;
    if (EXITS.contains(upper)) {
      if (lower < 0) {
        return new EntryReturn.FailedEntry(lower);
      }
      int reason = lower % 0x10000;
      return upper == 0 || reason == TRIPLE_FAULT
          ? new EntryReturn.Exit(reason)
          : new EntryReturn.Lost(new TdxStatus(ret));
    }
    if (upper == BUSY) {
      return new EntryReturn.Retry();
    }
    boolean moduleRan = upper >= 0 || (upper & 0xff00) != 0xff00;
    return moduleRan ? new EntryReturn.Refused() : new EntryReturn.NotRun();
  }

  private static void check(long ret) {
    EntryReturn expected = expected(ret);
    if (!expected.equals(EntryReturn.of(ret))) { // a message for each value would take minutes
      assertThat(EntryReturn.of(ret)).as("0x%016x", ret).isEqualTo(expected);
    }
  }

  private static void checkWithReasons(long upper) {
    for (int reason : REASONS) {
      check(upper << 32 | reason);
      check(upper << 32 | 0x8000_0000L | reason);
    }
  }

  @Test
  void everyClassAndCodeWithEveryReason() {
    for (long statusClass = 0; statusClass < 0x10000; statusClass += 0x1000) {
      for (int code = 0; code < 0x10000; code++) {
        checkWithReasons(statusClass << 16 | code);
      }
    }
  }

  @Test
  void whatDiffersFromAKnownStatusInOneBit() {
    for (StatusCode code : StatusCode.values()) {
      long upper = code.bits() & 0xffff_ffffL;
      checkWithReasons(upper);
      for (int bit = 0; bit < 32; bit++) {
        checkWithReasons(upper ^ 1L << bit);
      }
    }
  }

  @Test
  void everyLowerHalfOfAnExit() {
    for (int upper : EXITS) {
      for (long bits = 0; bits < 0x10000; bits++) {
        long value = (upper & 0xffff_ffffL) << 32;
        check(value | bits);
        check(value | bits << 16 | TDCALL);
        check(value | bits << 16 | TRIPLE_FAULT);
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
        if (meaning instanceof EntryReturn.Exit) {
          assertThat(meaning).as("0x%016x", error).isNotInstanceOf(EntryReturn.Exit.class);
        }
      }
    }
  }
}
