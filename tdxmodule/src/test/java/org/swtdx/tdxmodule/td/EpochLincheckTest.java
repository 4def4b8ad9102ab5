package org.swtdx.tdxmodule.td;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.LincheckAssertionError;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.ThreadIdGen;
import org.jetbrains.kotlinx.lincheck.strategy.managed.modelchecking.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/**
 * TLB tracking in every interleaving of a few threads: entries, exits, tracking and the question
 * whether a blocked page may go answer as if one came after the other, by a model that knows sets.
 * Trackers with a deliberate fault are caught. {@code -Dswtdx.scenarios=N} runs more.
 */
class EpochLincheckTest {
  /** What the protocol needs of a tracker. */
  interface Epochs {
    long enter();

    void exit(long epoch);

    boolean advance();

    boolean tracked(long blocked);

    long epoch();
  }

  /** The protocol's operations; each thread is a vCPU, which enters and leaves by turns. */
  abstract static class Protocol {
    private static final int THREADS = 8;

    private final Epochs epochs;
    private final long[] entered = new long[THREADS];
    private volatile long blocked;

    Protocol(Epochs epochs) {
      this.epochs = epochs;
    }

    @Operation
    public long enterOrLeave(@Param(gen = ThreadIdGen.class) int vcpu) {
      if (entered[vcpu] == 0) {
        entered[vcpu] = epochs.enter();
        return entered[vcpu];
      }
      epochs.exit(entered[vcpu]);
      entered[vcpu] = 0;
      return 0;
    }

    @Operation
    public boolean track() {
      return epochs.advance();
    }

    @Operation(nonParallelGroup = "host")
    public long block() {
      blocked = epochs.epoch();
      return blocked;
    }

    @Operation(nonParallelGroup = "host")
    public boolean mayRemove() {
      return blocked != 0 && epochs.tracked(blocked);
    }
  }

  /** The module's tracker. */
  public static final class Module extends Protocol {
    public Module() {
      super(
          new Epochs() {
            private final EpochTracker tracker = new EpochTracker();

            @Override
            public long enter() {
              return tracker.enter();
            }

            @Override
            public void exit(long epoch) {
              tracker.exit(epoch);
            }

            @Override
            public boolean advance() {
              return tracker.advance();
            }

            @Override
            public boolean tracked(long blocked) {
              return tracker.tracked(blocked);
            }

            @Override
            public long epoch() {
              return tracker.epoch();
            }
          });
    }
  }

  /** What must come out: counts who is inside since when, one operation at a time. */
  public static final class Model extends Protocol {
    public Model() {
      super(new Counts());
    }
  }

  /** One count for each epoch; correct, and only for one thread at a time. */
  private static class Counts implements Epochs {
    final long[] inside = new long[64];
    long epoch = 1;

    @Override
    public long enter() {
      inside[(int) epoch]++;
      return epoch;
    }

    @Override
    public void exit(long entered) {
      inside[(int) entered]--;
    }

    @Override
    public boolean advance() {
      if (inside[(int) epoch - 1] != 0) {
        return false;
      }
      epoch++;
      return true;
    }

    @Override
    public boolean tracked(long blocked) {
      for (int i = 0; i <= blocked; i++) {
        if (inside[i] != 0) {
          return false;
        }
      }
      return blocked < epoch;
    }

    @Override
    public long epoch() {
      return epoch;
    }
  }

  /** A fault: an exit after a TRACK forgets to count down. */
  public static final class MissedDecrement extends Protocol {
    public MissedDecrement() {
      super(
          new Counts() {
            @Override
            public void exit(long entered) {
              if (entered == epoch) {
                super.exit(entered);
              }
            }
          });
    }
  }

  /** A fault: the count is read and written back, so that two exits at once count as one. */
  public static final class LostUpdate extends Protocol {
    public LostUpdate() {
      super(
          new Counts() {
            private final AtomicLong count = new AtomicLong();

            @Override
            public long enter() {
              count.incrementAndGet();
              return epoch;
            }

            @Override
            public void exit(long entered) {
              count.set(count.get() - 1);
            }

            @Override
            public boolean advance() {
              return count.get() == 0;
            }
          });
    }
  }

  private static void check(Class<?> protocol) {
    LinChecker.check(
        protocol,
        new ModelCheckingOptions()
            .threads(3)
            .actorsPerThread(2)
            .actorsBefore(1)
            .actorsAfter(2)
            .iterations(Integer.getInteger("swtdx.scenarios", 3))
            .invocationsPerIteration(120)
            .minimizeFailedScenario(false)
            .sequentialSpecification(Model.class));
  }

  @Test
  void theModulesTrackerAnswersAsTheModel() {
    assertThatCode(() -> check(Module.class)).doesNotThrowAnyException();
  }

  @Test
  void aMissedDecrementIsCaught() {
    assertThatThrownBy(() -> check(MissedDecrement.class))
        .isInstanceOf(LincheckAssertionError.class);
  }

  @Test
  void aLostUpdateIsCaught() {
    assertThatThrownBy(() -> check(LostUpdate.class)).isInstanceOf(LincheckAssertionError.class);
  }
}
