package org.swtdx.fuzz.module;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;

/**
 * Any sequence of SEAMCALLs with any operands, on a platform with TDs in several states: every
 * answer is a documented status, and afterwards the host gets every page and KeyID back.
 */
class SeamcallFuzzTest extends FuzzTarget {
  private static final int SYS_SHUTDOWN = 52, SYS_UPDATE = 53;
  private static final int MAX_CALLS = 40;
  private static final long GPA = 0x80_0000;

  private static @Nullable Machine machine;

  private static Machine machine() {
    Machine m = machine;
    if (m == null) {
      m = new Machine();
      machine = m;
    }
    return m;
  }

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    Machine m = machine();
    machine = null; // unless this scenario comes to its end
    Choices choices = new Choices(input);
    long[] known = build(m, choices.below(4));
    for (int i = 0; i < MAX_CALLS && choices.more(); i++) {
      if (!step(m, choices, known)) {
        return; // the module was shut down; a new machine has one that was not
      }
    }
    m.tearDown();
    machine = m;
  }

  /** TDs in several states of their life; returns the addresses of what there is. */
  private static long[] build(Machine m, int variant) {
    long young = m.createTd(Machine.FIRST_KEY_ID);
    long td = m.initializedTd(Machine.FIRST_KEY_ID + 1, variant == 1 ? 1 : 0);
    long tdvpr = m.createVcpu(td, 0);
    m.addPage(td, GPA);
    m.addPage(td, GPA + 0x1000);
    Machine.ok(m.call(Machine.AUG, GPA + 0x2000, td, m.page()));
    m.addSept(td, 0x4000_0000L, 1);
    Machine.ok(m.call(Machine.AUG, 0x4000_0000L | 1, td, Machine.LARGE));
    long raw = m.page();
    Machine.ok(m.call(Machine.VP_CREATE, raw, td));
    if (variant >= 2) {
      Machine.ok(m.call(Machine.FINALIZE, td));
    }
    if (variant == 3) {
      Machine.ok(m.call(Machine.BLOCK, GPA, td));
      Machine.ok(m.call(Machine.TRACK, td));
    }
    return new long[] {young, td, tdvpr, raw, m.page(), m.page(), Machine.LARGE + 0x20_0000};
  }

  private static boolean step(Machine m, Choices choices, long[] known) {
    int number = choices.below(72);
    if (number == SYS_SHUTDOWN || number == SYS_UPDATE) {
      number = choices.u8() == 255 ? number : Machine.ENTER;
    }
    int shape = choices.u8();
    long rax = number | (long) (shape & 1) << 16 | ((shape & 0xf0) == 0xf0 ? choices.i64() : 0);
    long[] operands = new long[6];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = i < 4 || (shape & 2) != 0 ? Machine.withinReach(operand(choices, known)) : 0;
    }
    long status = m.callOn(choices.below(Machine.LPS), rax, operands);
    return !(number == SYS_SHUTDOWN && rax == number && status == 0);
  }

  private static long operand(Choices choices, long[] known) {
    int kind = choices.below(16);
    return switch (kind) {
      case 0, 1, 2, 3, 4 -> known[choices.below(known.length)];
      case 5 -> Machine.page(choices.below(Machine.PAGES));
      case 6, 7, 8 -> GPA + 4096L * choices.below(4) | choices.below(2);
      case 9 -> choices.of(0x4000_0000L, 0x8000_0000L, 0xffff_f000L) | choices.below(5);
      case 10 ->
          choices.of(Machine.TD_PARAMS, Machine.SOURCE, Machine.SCRATCH, 0)
              + 8L * choices.below(64);
      case 11 -> choices.u8();
      case 12 -> Machine.FIRST_KEY_ID + choices.below(Machine.KEY_IDS);
      case 13 -> field(choices);
      case 14 -> 1L << choices.below(64);
      default -> choices.i64();
    };
  }

  /** A metadata field id: class, context, element size and field code where they belong. */
  private static long field(Choices choices) {
    return (long) choices.below(64) << 56
        | (long) choices.below(8) << 52
        | (long) choices.below(8) << 32
        | choices.i32() & 0xff_ffffL
        | (choices.coin() ? (long) choices.i32() << 32 : 0);
  }

  @Override
  protected int randomInputs() {
    return 300;
  }

  @Override
  protected int longestInput() {
    return 1024;
  }
}
