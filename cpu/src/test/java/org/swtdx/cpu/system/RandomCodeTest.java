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
import org.swtdx.memory.Hpa;

/** Random bytes as code end in VM exits only, whatever the mode: nothing throws, nothing hangs. */
class RandomCodeTest {
  private static final int BYTES = 4096;
  private static final int EXITS = 60;

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("swtdx.fuzz.seeds", 24));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void randomCodeOnlyExits(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (GuestMachine m = machine((int) seed & 3);
        ScheduledExecutorService kicker = Executors.newSingleThreadScheduledExecutor()) {
      byte[] code = new byte[BYTES];
      random.nextBytes(code);
      m.host().write(new Hpa(GuestMachine.CODE), code, 0, BYTES);
      for (int register = 0; register < 16; register++) {
        m.state().setGpr(register, random.nextLong() >>> random.nextInt(64));
      }
      ScheduledFuture<?> kicks =
          kicker.scheduleAtFixedRate(m.lp::kick, 2, 2, TimeUnit.MILLISECONDS);
      int exits = 0;
      for (; exits < EXITS; exits++) {
        int reason = m.run();
        assertThat(reason).isBetween(0, 77);
        m.state().setRip(GuestMachine.CODE + random.nextInt(BYTES));
        if (m.state().activityState() != GuestSystem.ACTIVE) {
          m.state().setActivityState(GuestSystem.ACTIVE);
        }
      }
      assertThat(kicks.cancel(false)).as("still kicking").isTrue();
      assertThat(exits).isEqualTo(EXITS);
    }
  }

  private static GuestMachine machine(int mode) {
    return switch (mode) {
      case 0 -> new GuestMachine().real();
      case 1 -> new GuestMachine().protected32();
      case 2 -> new GuestMachine().long64(true);
      default -> new GuestMachine().long64(false);
    };
  }
}
