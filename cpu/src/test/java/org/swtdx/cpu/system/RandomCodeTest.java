package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.memory.Hpa;

/**
 * Random bytes as code end in VM exits only, whatever the mode: nothing throws, nothing hangs, and
 * nothing but the machine's own memory is there to be touched.
 */
class RandomCodeTest {
  private static final int BYTES = 4096;
  private static final int EXITS = 60;
  private static final int MODES = 8;
  private static final int TASK_SWITCH = ExitReason.TASK_SWITCH.number();

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("swtdx.fuzz.seeds", 48));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void randomCodeOnlyExits(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int mode = (int) seed % MODES;
    try (GuestMachine m = new GuestMachine();
        ScheduledExecutorService kicker = Executors.newSingleThreadScheduledExecutor()) {
      byte[] code = new byte[BYTES];
      random.nextBytes(code);
      m.host().write(new Hpa(GuestMachine.CODE), code, 0, BYTES);
      ScheduledFuture<?> kicks =
          kicker.scheduleAtFixedRate(m.lp::kick, 2, 2, TimeUnit.MILLISECONDS);
      int exits = 0;
      for (; exits < EXITS; exits++) {
        enter(m, mode, random);
        assertThat(m.run()).isBetween(0, 77);
        for (int i = 0; i < 4 && m.processor.exit().reason == TASK_SWITCH; i++) {
          m.processor.switchTask(TaskSwitch.of(m.processor.exit()));
          assertThat(m.run()).isBetween(0, 77);
        }
      }
      assertThat(kicks.cancel(false)).as("still kicking").isTrue();
      assertThat(exits).isEqualTo(EXITS);
    }
  }

  /** Puts the processor into a mode, at a random place of the code with random registers. */
  private static void enter(GuestMachine m, int mode, SplittableRandom random) {
    m.state().setActivityState(GuestSystem.ACTIVE);
    m.state().setInterruptibility(0);
    m.state().setRflags(2);
    m.state().setDr(7, 0x400);
    switch (mode) {
      case 0 -> {
        m.state().setCr(0, 0x10);
        m.real();
      }
      case 1 -> m.protected32();
      case 2 -> m.long64(true);
      case 3 -> m.long64(false);
      case 4 -> virtual8086(m, 0);
      case 5 -> virtual8086(m, 1);
      case 6 -> compatibility(m);
      default -> tasks(m, random);
    }
    boolean segmented = mode == 0 || mode == 4 || mode == 5;
    long pointer = m.state().gpr(CpuState.RSP);
    for (int register = 0; register < 16; register++) {
      m.state().setGpr(register, random.nextLong() >>> random.nextInt(64));
    }
    if (random.nextBoolean()) {
      m.state().setGpr(CpuState.RSP, pointer);
    }
    m.state().setRip((segmented || mode == 7 ? 0 : GuestMachine.CODE) + random.nextInt(BYTES));
  }

  /** Virtual-8086 mode, with its extensions when CR4 says so. */
  private static void virtual8086(GuestMachine m, int cr4) {
    m.protected32();
    m.state().setCr(4, cr4);
    m.state().setRflags(0x20002);
    for (int i = 0; i < 6; i++) {
      int selector = i == SegmentRegister.CS ? GuestMachine.CODE >> 4 : 0x3000;
      SegmentRegister value = new SegmentRegister(selector, (long) selector << 4, 0xffff, 0xf3);
      m.state().setSegment(i, value);
    }
  }

  private static void compatibility(GuestMachine m) {
    m.long64(true);
    m.state()
        .setSegment(
            SegmentRegister.CS, new SegmentRegister(GuestMachine.USER_CODE32, 0, -1, 0xc0fb));
  }

  /** 16-bit protected mode, half of whose interrupts go through a task gate to a random task. */
  private static void tasks(GuestMachine m, SplittableRandom random) {
    m.protected32();
    m.state()
        .setSegment(
            SegmentRegister.CS,
            new SegmentRegister(GuestMachine.CODE16, GuestMachine.CODE, 0xffff, 0x9b));
    m.write64(GuestMachine.GDT + GuestMachine.FREE, 0x0000_8900_5000_0067L);
    for (int offset = 0; offset < 0x68; offset += 4) {
      boolean selector = offset >= 0x48 && offset <= 0x5c;
      int value = selector ? random.nextInt(12) << 3 : random.nextInt();
      m.host().write32(new Hpa(0x5000 + offset), value);
    }
    for (int vector = 0; vector < 32; vector += 2) {
      m.write64(GuestMachine.IDT + 8 * vector, 0x0000_e500_0000_0000L | GuestMachine.FREE << 16);
    }
  }
}
