package org.swtdx.fuzz.module;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;
import org.swtdx.seamcall.TdxStatus;

/**
 * Any metadata field id, read and written by the host of a production and of a debuggable TD: what
 * is written where it may be is read back, and no id does more than its own field.
 */
class FieldFuzzTest extends FuzzTarget {
  private static final int MNG_RD = 0x1000b, MNG_WR = 13, VP_RD = 0x1001a, VP_WR = 43, SYS_RD = 34;
  private static final int MAX_FIELDS = 32;

  /** Posted-interrupt descriptor address: all ones until one is written, 64-byte aligned then. */
  private static final long INTERRUPT_DESCRIPTOR = 0x0024_0003_0000_2016L, NULL_PA = -1;

  private static final int INTERRUPT_DESCRIPTOR_SIZE = 64;

  /** FCW, FSW, FTW and FOP; the processor computes ES and B of FSW from the other bits. */
  private static final long X87_WORDS = 0x1200_0000_0000_0000L;

  private static final long X87_COMPUTED = 1L << 23 | 1L << 31;

  private static @Nullable Machine machine;
  private static long[] tds = {};
  private static long[] vcpus = {};

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    Choices choices = new Choices(input);
    Machine m = machine();
    for (int i = 0; i < MAX_FIELDS && choices.more(); i++) {
      int td = choices.below(2);
      int action = choices.below(5);
      long field = field(m, td, action, choices);
      switch (action) {
        case 0 -> m.call(SYS_RD, 0, field);
        case 1 -> read(m, MNG_RD, tds[td], field);
        case 2 -> read(m, VP_RD, vcpus[td], field);
        case 3 -> write(m, MNG_RD, MNG_WR, tds[td], field, choices);
        default -> write(m, VP_RD, VP_WR, vcpus[td], field, choices);
      }
    }
  }

  private static Machine machine() {
    Machine m = machine;
    if (m == null) {
      m = new Machine();
      tds =
          new long[] {
            m.initializedTd(Machine.FIRST_KEY_ID, 0), m.initializedTd(Machine.FIRST_KEY_ID + 1, 1)
          };
      vcpus = new long[] {m.createVcpu(tds[0], 0), m.createVcpu(tds[1], 0)};
      machine = m;
    }
    return m;
  }

  private static boolean read(Machine m, int leaf, long object, long field) {
    return TdxStatus.of(m.call(leaf, object, field)).isSuccess();
  }

  /**
   * Writes all ones or anything; the old value comes back and unselected bits stay. An address that
   * was never given is all ones, and its first write clears the bits that no address has; what the
   * x87 status word says of its own exceptions follows from them.
   */
  private static void write(
      Machine m, int reads, int writes, long object, long field, Choices choices) {
    boolean readable = read(m, reads, object, field);
    long before = m.regs.r8;
    long value = choices.i64();
    long mask = choices.coin() ? -1 : choices.i64();
    boolean written = TdxStatus.of(m.call(writes, object, field, value, mask)).isSuccess();
    if (!readable || field == -1) {
      return;
    }
    if (!read(m, reads, object, field)) {
      throw new IllegalStateException("field 0x%016x is gone".formatted(field));
    }
    long changed = (m.regs.r8 ^ before) & (written ? ~mask : -1);
    if (written && field == INTERRUPT_DESCRIPTOR && before == NULL_PA) {
      changed &= -INTERRUPT_DESCRIPTOR_SIZE;
    }
    if (written && field == X87_WORDS) {
      changed &= ~X87_COMPUTED;
    }
    if (changed != 0) {
      throw new IllegalStateException(
          "field 0x%016x: 0x%x became 0x%x by writing 0x%x, mask 0x%x, %s"
              .formatted(field, before, m.regs.r8, value, mask, written));
    }
  }

  /** An id from the enumeration, one near it, or anything. */
  private static long field(Machine m, int td, int action, Choices choices) {
    int steps = choices.u8();
    if (steps < 40) {
      return choices.i64();
    }
    long object = action == 1 || action == 3 ? tds[td] : vcpus[td];
    int leaf = action == 1 || action == 3 ? MNG_RD : VP_RD;
    long field = -1;
    for (int i = 0; i <= steps - 40; i++) {
      m.call(action == 0 ? SYS_RD : leaf, action == 0 ? 0 : object, field);
      field = m.regs.rdx;
    }
    return choices.below(4) == 0 ? field ^ 1L << choices.below(64) : field;
  }

  @Override
  protected byte[] randomInput(SplittableRandom random) {
    byte[] input = new byte[200];
    random.nextBytes(input);
    return input;
  }

  @Override
  protected int randomInputs() {
    return 200;
  }
}
