package org.swtdx.fuzz.cpu;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.events.PlatformEvents;
import org.swtdx.fuzz.Choices;
import org.swtdx.fuzz.FuzzTarget;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

/**
 * A guest of any mode with any registers, tables and code: all that comes out are VM exits, and no
 * access goes beyond the guest's memory.
 */
class CodeFuzzTest extends FuzzTarget {
  private static final long SIZE = 1 << 20;
  private static final int CODE = 0x10000, TABLES = 0x20000, EXITS = 8;
  private static final long EFER = 0xc000_0080L, EFER_LONG = 0xd01, PAGING = 1L << 31;

  private static final PhysicalMemory MEMORY =
      PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), SIZE)));
  private static final Platform PLATFORM =
      new Platform(MEMORY, Environment.system(1_000_000_000L), new PlatformEvents(), 1, 1);
  private static final LogicalProcessor LP = PLATFORM.processors().getFirst();

  static {
    // a guest that loops for ever is interrupted
    Timer timer = new Timer("kicks", true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            LP.kick();
          }
        },
        1,
        1);
  }

  @Override
  @FuzzTest
  protected void fuzz(byte[] input) {
    Processor processor =
        new Processor(
            PLATFORM,
            (gpa, access, fault) ->
                Long.compareUnsigned(gpa, SIZE) < 0 ? gpa : GuestPhysicalMap.FAULT);
    try {
      prepare(processor.state(), new Choices(input));
      for (int exits = 0; exits < EXITS; exits++) {
        int reason = run(processor);
        if (reason < 0 || reason > 77) {
          throw new AssertionError("no exit reason: " + reason);
        }
        if (reason == ExitReason.TASK_SWITCH.number()) {
          processor.switchTask(TaskSwitch.of(processor.exit()));
        } else if (reason != ExitReason.EXTERNAL_INTERRUPT.number()) {
          processor.skipInstruction();
        }
        processor.state().setActivityState(0);
      }
    } finally {
      processor.close();
    }
  }

  private static int run(Processor processor) {
    LP.occupancy().lock();
    try {
      processor.run(LP);
    } finally {
      LP.occupancy().unlock();
    }
    return processor.exit().reason;
  }

  private static void prepare(CpuState s, Choices choices) {
    int mode = choices.below(5);
    boolean paging = mode >= 3;
    boolean user = choices.coin();
    s.setMsr((int) EFER, mode == 4 ? EFER_LONG : 0);
    s.setCr(4, mode == 4 ? 0x6a0 | choices.u16() & 3 : choices.u16() & 0x7f3);
    s.setCr(3, TABLES);
    s.setCr(0, mode == 0 ? 0x10 : 0x31 | (paging ? PAGING : 0));
    boolean v86 = mode == 2 && choices.coin();
    s.setRflags(2 | choices.u16() & 0x7fd5 | (v86 ? 1 << 17 : 0));
    int level = user && mode != 0 ? 0x60 : 0;
    for (int i = 0; i < 6; i++) {
      boolean code = i == SegmentRegister.CS;
      int wide = mode == 4 && code ? 0xa000 : mode == 1 ? 0x8000 : 0xc000;
      SegmentRegister flat =
          mode == 0 || v86
              ? new SegmentRegister(0x1000, CODE, 0xffff, v86 ? 0xf3 : code ? 0x9b : 0x93)
              : new SegmentRegister(level / 32, 0, -1, wide | level | (code ? 0x9b : 0x93));
      s.setSegment(i, flat);
    }
    s.setGdt(choices.u16() & 0xff8, 0x7f);
    s.setIdt(choices.u16() & 0xff8, 0x7ff);
    for (int i = 0; i < 16; i++) {
      s.setGpr(i, choices.coin() ? CODE + choices.u16() : choices.i64());
    }
    s.setRip(mode == 0 || v86 ? 0 : CODE);
    tables(mode == 4, choices);
    byte[] code = choices.rest();
    int length = (int) Math.min(code.length, SIZE - CODE);
    MEMORY.host().write(new Hpa(CODE), code, 0, length);
  }

  /** Identity tables, with a few entries as the input has them. */
  private static void tables(boolean longMode, Choices choices) {
    if (longMode) {
      MEMORY.host().write64(new Hpa(TABLES), TABLES + 0x1000 | 7);
      MEMORY.host().write64(new Hpa(TABLES + 0x1000), TABLES + 0x2000 | 7);
      MEMORY.host().write64(new Hpa(TABLES + 0x2000), 0x87);
    } else {
      MEMORY.host().write64(new Hpa(TABLES), 0x87);
    }
    for (int i = choices.below(4); i > 0; i--) {
      MEMORY.host().write64(new Hpa(choices.u16() & 0x3ff8), choices.i64());
    }
  }

  @Override
  protected int randomInputs() {
    return 40;
  }

  @Override
  protected int longestInput() {
    return 600;
  }
}
