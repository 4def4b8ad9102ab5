package org.swtdx.fuzz.module;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.jspecify.annotations.Nullable;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;
import org.swtdx.seamcall.StatusCode;
import org.swtdx.seamcall.TdxStatus;

/**
 * A guest that executes any sequence of TDCALLs with any operands while the host blocks, tracks and
 * gives pages: the guest sees documented statuses and exceptions only, the host documented exits,
 * and afterwards everything is taken back.
 */
class TdcallFuzzTest extends FuzzTarget {
  private static final int MAX_STEPS = 24, MAX_EXITS = 4;
  private static final int EPT_VIOLATION = 48, TDCALL = 77;

  private static @Nullable Machine machine;

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    Machine m = machine == null ? new Machine() : machine;
    machine = null;
    Choices choices = new Choices(input);
    Guest guest = new Guest(m, choices.below(8) == 1 ? 1 : 0);
    boolean runs = true;
    for (int i = 0; i < MAX_STEPS && choices.more() && runs; i++) {
      if (choices.below(4) == 0) {
        hostStep(m, guest, choices);
      } else {
        runs = guestStep(m, guest, choices);
      }
    }
    m.tearDown();
    machine = m;
  }

  private static void hostStep(Machine m, Guest guest, Choices choices) {
    long gpa = address(choices);
    switch (choices.below(6)) {
      case 0 -> m.call(Machine.BLOCK, gpa, guest.tdr);
      case 1 -> m.call(Machine.TRACK, guest.tdr);
      case 2 -> m.call(39, gpa, guest.tdr); // unblock
      case 3 -> m.call(29, gpa, guest.tdr); // remove
      case 4 -> m.call(Machine.AUG, gpa, guest.tdr, Machine.page(choices.below(Machine.PAGES)));
      default -> m.call(15, gpa, guest.tdr, Machine.page(choices.below(Machine.PAGES))); // demote
    }
  }

  /** Lets the guest execute one TDCALL; false when it cannot go on. */
  private static boolean guestStep(Machine m, Guest guest, Choices choices) {
    int shape = choices.u8();
    int leaf = choices.below(30);
    m.regs.r15 = leaf | (long) (shape & 1) << 16 | ((shape & 0xf0) == 0xf0 ? choices.i64() : 0);
    m.regs.r14 = operand(choices);
    m.regs.rdx = operand(choices);
    m.regs.r8 = operand(choices);
    m.regs.r9 = operand(choices);
    m.regs.r10 = choices.below(2);
    m.regs.r11 = choices.coin() ? 0x10000 + choices.below(8) : choices.u8();
    m.regs.r12 = 0;
    for (int exit = 0; exit < MAX_EXITS; exit++) {
      if (guest.enter()) {
        check(m);
        return true;
      }
      TdxStatus status = TdxStatus.of(m.regs.rax);
      if (!status.isSuccess()) {
        return false; // TD or vCPU are done for
      }
      int reason = status.details();
      if (reason == EPT_VIOLATION) {
        resolve(m, guest);
      } else if (reason != TDCALL) {
        throw new IllegalStateException("exit reason " + reason + " for TDCALL " + leaf);
      }
    }
    return false;
  }

  private static void check(Machine m) {
    if (m.regs.r12 == Guest.EXCEPTION) {
      long vector = m.regs.r15;
      // #GP, #VE, and #DF for a #VE while the information of the one before was not fetched.
      if (vector != 13 && vector != 20 && vector != 8) {
        throw new IllegalStateException("vector " + vector + " because of a TDCALL");
      }
      return;
    }
    TdxStatus status = TdxStatus.of(m.regs.r15);
    if (status.code() == StatusCode.UNDEFINED) {
      throw new IllegalStateException("TDCALL returned " + status);
    }
  }

  /** The guest touched what is not there: tries what a host may try. */
  private static void resolve(Machine m, Guest guest) {
    long gpa = m.regs.r8 & ~0xfffL;
    m.call(Machine.TRACK, guest.tdr);
    m.call(39, gpa, guest.tdr);
    m.call(Machine.AUG, gpa, guest.tdr, Machine.page(Machine.PAGES - 1));
  }

  private static long address(Choices choices) {
    return switch (choices.below(6)) {
      case 0, 1 -> Guest.PENDING + 4096L * choices.below(6);
      case 2 -> Guest.PENDING_LARGE | 1;
      case 3 -> Guest.PENDING_LARGE + 4096L * choices.below(4);
      case 4 -> Guest.PENDING | 1;
      default -> Guest.DATA;
    };
  }

  private static long operand(Choices choices) {
    return switch (choices.below(16)) {
      case 0, 1, 2, 3 -> address(choices);
      case 4, 5 -> Guest.DATA + 64L * choices.below(64);
      case 6 -> choices.u8();
      case 7, 8 -> 0;
      case 9 -> -1;
      case 10 -> 1L << choices.below(64);
      case 11 -> 1L << 47 | address(choices);
      case 12, 13 -> (long) choices.below(64) << 56 | (long) choices.below(8) << 32 | choices.u16();
      default -> choices.i64();
    };
  }

  @Override
  protected int randomInputs() {
    return 150;
  }

  @Override
  protected int longestInput() {
    return 512;
  }
}
