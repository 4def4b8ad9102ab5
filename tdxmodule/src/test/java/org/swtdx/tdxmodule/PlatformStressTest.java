package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.Disturbances;
import org.swtdx.tdxmodule.status.Status;

/**
 * Several logical processors call whatever they like at once: on two TDs, one of which runs its
 * guest, and on others that they create and end. Whoever wins, each answer is documented, and the
 * invariants hold after every round: in one mode a round is a step of at most one call on each
 * processor, in the other one a burst of several, which contends more. A sequence that fails is
 * shrunk and printed; its seed draws it again ({@code -Dswtdx.seed=N}), and as threads never meet
 * twice in the same way, a sequence counts as passed only when it passes several times.
 */
@Timeout(120)
class PlatformStressTest {
  private static final int REPETITIONS = 5;
  private static final int SPINS = 50;
  private static final int PAUSE_ODDS = 3;
  private static final int PAUSE_NANOS = 20_000;

  /** What the processors do between two looks at the invariants. */
  private enum Mode {
    /** One call on each processor, seldom none; in half the steps all are about the same things. */
    STEP(600, 1),
    /** Up to six calls on each. */
    BURST(150, 6);

    final int rounds;
    final int calls;

    Mode(int rounds, int calls) {
      this.rounds = rounds;
      this.calls = calls;
    }

    int draw(SplittableRandom random) {
      return calls == 1 ? Math.min(1, random.nextInt(8)) : 1 + random.nextInt(calls);
    }
  }

  static Stream<Arguments> sequences() {
    Long one = Long.getLong("swtdx.seed");
    return Stream.of(Mode.values())
        .flatMap(
            mode ->
                (one != null ? LongStream.of(one) : LongStream.rangeClosed(1, 2))
                    .mapToObj(seed -> Arguments.of(mode, seed)));
  }

  /**
   * What comes after each call: something that goes wrong in the module, or a look at its answer.
   */
  private interface Sequel {
    void after(StressCall call, long status, StressTds tds);
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("sequences")
  void nothingIsLostOrSharedWhoeverWins(Mode mode, long seed) {
    List<StressCall> calls = calls(mode, seed, mode.rounds);
    AtomicInteger busy = new AtomicInteger();
    Sequel counting =
        (_, status, _) -> busy.addAndGet(Status.is(status, Status.OPERAND_BUSY) ? 1 : 0);
    Throwable failure = run(calls, counting);
    if (failure != null) {
      StringBuilder text = new StringBuilder("seed " + seed + ", shrunk to");
      Shrinking.shrink(calls, x -> fails(x, counting)).forEach(c -> text.append("\n  ").append(c));
      throw new AssertionError(text.toString(), failure);
    }
    assertThat(busy.get()).as("locks found held by others").isPositive();
  }

  @Test
  void aPageThatIsNotCountedIsFoundAndTheSequenceShrinksToIt() {
    Sequel fault =
        (call, status, tds) -> {
          if (status == 0 && call.leaf() == Host.PAGE_AUG && call.lp() != 0) {
            tds.host.td(tds.root(call.td())).removeChild(0);
          }
        };
    List<StressCall> calls = calls(Mode.STEP, 3, 40);
    assertThat(run(calls, fault)).isNotNull().hasMessageContaining("CHLDCNT");

    List<StressCall> shortest = Shrinking.shrink(calls, x -> fails(x, fault));

    assertThat(shortest).hasSize(1);
    assertThat(shortest.getFirst().leaf()).isEqualTo(Host.PAGE_AUG);
    assertThat(calls(Mode.STEP, 3, 40)).as("a seed replays").isEqualTo(calls);
  }

  private static List<StressCall> calls(Mode mode, long seed, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<StressCall> calls = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      StressCall common = StressCall.random(round, 0, random);
      boolean together = mode == Mode.STEP && random.nextBoolean();
      for (int lp = 0; lp < Host.LPS; lp++) {
        int count = mode.draw(random);
        for (int i = 0; i < count; i++) {
          StressCall call = StressCall.random(round, lp, random);
          calls.add(together ? call.meeting(common, random) : call);
        }
      }
    }
    return calls;
  }

  private static boolean fails(List<StressCall> calls, Sequel sequel) {
    for (int i = 0; i < REPETITIONS; i++) {
      if (run(calls, sequel) != null) {
        return true;
      }
    }
    return false;
  }

  /**
   * Lets other processors on while a leaf holds some of its locks and is about to try the next one;
   * leaves are so short that they would meet by chance only where every thread has a core.
   */
  private static final class Pauses implements Disturbances {
    @Override
    public boolean busyForHost(int operand) {
      pause();
      return false;
    }

    @Override
    public boolean busyForGuest(int operand) {
      pause();
      return false;
    }

    private static void pause() {
      if (ThreadLocalRandom.current().nextInt(PAUSE_ODDS) == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Executes a sequence on a new platform; returns what went wrong, or null. */
  private static @Nullable Throwable run(List<StressCall> calls, Sequel sequel) {
    try (StressTds tds = new StressTds()) {
      PlatformInvariants invariants = new PlatformInvariants(tds.host, tds.host.frames());
      HostSight sight = new HostSight(tds.host, PlatformModel.SECRET);
      AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
      CyclicBarrier standStill =
          new CyclicBarrier(
              Host.LPS,
              () -> {
                invariants.check();
                sight.showsNoSecret(false);
              });
      tds.host.state().setDisturbances(new Pauses());
      AtomicInteger started = new AtomicInteger();
      List<Thread> workers = new ArrayList<>();
      for (int lp = 0; lp < Host.LPS; lp++) {
        int self = lp;
        workers.add(
            Thread.ofPlatform()
                .start(() -> work(calls, self, tds, sequel, started, standStill, failure)));
      }
      for (Thread worker : workers) {
        worker.join();
      }
      tds.host.state().setDisturbances(Disturbances.NONE);
      if (failure.get() == null) {
        invariants.tearDown();
        sight.showsNoSecret(true);
      }
      return failure.get();
    } catch (AssertionError | RuntimeException e) {
      return e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    }
  }

  private static void work(
      List<StressCall> calls,
      int lp,
      StressTds tds,
      Sequel sequel,
      AtomicInteger started,
      CyclicBarrier standStill,
      AtomicReference<@Nullable Throwable> failure) {
    SeamRegisters regs = new SeamRegisters();
    int rounds = 0;
    try {
      for (int i = 0; i < calls.size(); i++) {
        StressCall call = calls.get(i);
        if (i == 0 || calls.get(i - 1).round() != call.round()) {
          meet(started, ++rounds * Host.LPS, failure);
        }
        if (call.lp() == lp) {
          sequel.after(call, call.execute(tds, regs), tds);
        }
        if (i + 1 == calls.size() || calls.get(i + 1).round() != call.round()) {
          standStill.await(60, TimeUnit.SECONDS);
        }
      }
    } catch (BrokenBarrierException | TimeoutException e) {
      failure.compareAndSet(null, e); // another one failed first, or hangs
    } catch (AssertionError | RuntimeException | InterruptedException e) {
      failure.set(e);
      giveUp(standStill);
    }
  }

  /** Lets all begin a round at once; a barrier wakes them one after the other. */
  @SuppressWarnings("ThreadPriorityCheck") // there may be fewer processors than threads
  private static void meet(
      AtomicInteger started, int all, AtomicReference<@Nullable Throwable> failure) {
    started.incrementAndGet();
    for (int i = 1; started.get() < all && failure.get() == null; i++) {
      if (i % SPINS == 0) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** Breaks the barrier, for those who wait and for those who will. */
  private static void giveUp(CyclicBarrier standStill) {
    Thread.currentThread().interrupt();
    try {
      standStill.await();
    } catch (InterruptedException | BrokenBarrierException _) {
      // as intended
    }
  }
}
