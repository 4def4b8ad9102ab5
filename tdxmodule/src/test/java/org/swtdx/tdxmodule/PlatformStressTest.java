package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.seamcall.port.SeamRegisters;

/**
 * Several logical processors call whatever they like at once: on two TDs, one of which runs its
 * guest, and on others that they create and end. Whoever wins, each answer is documented, and the
 * invariants hold after every round. A sequence that fails is shrunk and printed; its seed draws it
 * again ({@code -Dswtdx.seed=N}), and as threads never meet twice in the same way, a sequence
 * counts as passed only when it passes several times.
 */
@Timeout(120)
class PlatformStressTest {
  private static final int ROUNDS = 150;
  private static final int CALLS = 6;
  private static final int REPETITIONS = 5;

  static LongStream seeds() {
    Long one = Long.getLong("swtdx.seed");
    return one != null ? LongStream.of(one) : LongStream.rangeClosed(1, 2);
  }

  /** Something that goes wrong in the module, for a test of these tests. */
  private interface Fault {
    Fault NONE = (_, _, _) -> {};

    void after(StressCall call, long status, StressTds tds);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsLostOrSharedWhoeverWins(long seed) {
    List<StressCall> calls = calls(seed, ROUNDS);
    Throwable failure = run(calls, Fault.NONE);
    if (failure != null) {
      StringBuilder text = new StringBuilder("seed " + seed + ", shrunk to");
      Shrinking.shrink(calls, x -> fails(x, Fault.NONE))
          .forEach(c -> text.append("\n  ").append(c));
      throw new AssertionError(text.toString(), failure);
    }
  }

  @Test
  void aPageThatIsNotCountedIsFoundAndTheSequenceShrinksToIt() {
    Fault fault =
        (call, status, tds) -> {
          if (status == 0 && call.leaf() == Host.PAGE_AUG && call.lp() != 0) {
            tds.host.td(tds.root(call.td())).removeChild(0);
          }
        };
    List<StressCall> calls = calls(3, 40);
    assertThat(run(calls, fault)).isNotNull().hasMessageContaining("CHLDCNT");

    List<StressCall> shortest = Shrinking.shrink(calls, x -> fails(x, fault));

    assertThat(shortest).hasSize(1);
    assertThat(shortest.getFirst().leaf()).isEqualTo(Host.PAGE_AUG);
    assertThat(calls(3, 40)).as("a seed replays").isEqualTo(calls);
  }

  private static List<StressCall> calls(long seed, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<StressCall> calls = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int lp = 0; lp < Host.LPS; lp++) {
        int count = 1 + random.nextInt(CALLS);
        for (int i = 0; i < count; i++) {
          calls.add(StressCall.random(round, lp, random));
        }
      }
    }
    return calls;
  }

  private static boolean fails(List<StressCall> calls, Fault fault) {
    for (int i = 0; i < REPETITIONS; i++) {
      if (run(calls, fault) != null) {
        return true;
      }
    }
    return false;
  }

  /** Executes a sequence on a new platform; returns what went wrong, or null. */
  private static @Nullable Throwable run(List<StressCall> calls, Fault fault) {
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
      List<Thread> workers = new ArrayList<>();
      for (int lp = 0; lp < Host.LPS; lp++) {
        int self = lp;
        workers.add(
            Thread.ofPlatform().start(() -> work(calls, self, tds, fault, standStill, failure)));
      }
      for (Thread worker : workers) {
        worker.join();
      }
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
      Fault fault,
      CyclicBarrier standStill,
      AtomicReference<@Nullable Throwable> failure) {
    SeamRegisters regs = new SeamRegisters();
    try {
      for (int i = 0; i < calls.size(); i++) {
        StressCall call = calls.get(i);
        if (call.lp() == lp) {
          fault.after(call, call.execute(tds, regs), tds);
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
