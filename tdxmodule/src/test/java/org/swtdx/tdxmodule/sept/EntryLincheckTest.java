package org.swtdx.tdxmodule.sept;

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
 * The lock of a Secure EPT entry, which lies in the entry's own word, in every interleaving of a
 * few threads: hosts and guests take it, map a page and take it away while they have it, and count
 * it in and out. Entries with a deliberate fault are caught: one that loses bits of the word, and
 * one that forgets a decrement.
 */
class EntryLincheckTest {
  /** What leaves do with an entry. */
  interface Entry {
    boolean lockHost();

    boolean lockGuest();

    void unlock();

    boolean hostHasPriority();

    /** Maps a page, takes it away again, and returns how many pages are counted then. */
    long mapAndRemove();
  }

  /** What threads do: each holds the lock at most once, and changes the entry only then. */
  abstract static class Uses {
    private static final int THREADS = 8;

    private final Entry entry;
    private final boolean[] holds = new boolean[THREADS];

    Uses(Entry entry) {
      this.entry = entry;
    }

    /** Takes the lock; or, with the lock, does the work and gives it back. */
    private String step(int thread, boolean host) {
      if (holds[thread]) {
        long counted = entry.mapAndRemove();
        entry.unlock();
        holds[thread] = false;
        return counted + " pages";
      }
      holds[thread] = host ? entry.lockHost() : entry.lockGuest();
      return holds[thread] ? "locked" : "busy";
    }

    @Operation
    public String host(@Param(gen = ThreadIdGen.class) int thread) {
      return step(thread, true);
    }

    @Operation
    public String guest(@Param(gen = ThreadIdGen.class) int thread) {
      return step(thread, false);
    }

    @Operation
    public boolean priority() {
      return entry.hostHasPriority();
    }
  }

  /** The module's entry. */
  private static class Real implements Entry {
    private static final long PAGE = 0x5000;

    final SeptEntry entry = new SeptEntry(new SeptPage(0x1000, 0), 0);
    final AtomicLong pages = new AtomicLong();

    @Override
    public boolean lockHost() {
      return entry.tryLockHost();
    }

    @Override
    public boolean lockGuest() {
      return entry.tryLockGuest();
    }

    @Override
    public void unlock() {
      entry.unlock();
    }

    @Override
    public boolean hostHasPriority() {
      return entry.hostHasPriority();
    }

    @Override
    public long mapAndRemove() {
      entry.setLeaf(SeptState.PENDING, PAGE, false);
      pages.getAndIncrement();
      entry.clear(SeptState.FREE);
      countOut();
      return pages.get();
    }

    void countOut() {
      pages.getAndDecrement();
    }
  }

  /** The module's entry. */
  public static final class Module extends Uses {
    public Module() {
      super(new Real());
    }
  }

  /** One operation at a time. */
  private static class Plain implements Entry {
    boolean locked;
    boolean hostWaits;

    @Override
    public boolean lockHost() {
      hostWaits = locked;
      boolean taken = !locked;
      locked = true;
      return taken;
    }

    @Override
    public boolean lockGuest() {
      boolean taken = !locked && !hostWaits;
      locked |= taken;
      return taken;
    }

    @Override
    public void unlock() {
      locked = false;
    }

    @Override
    public boolean hostHasPriority() {
      return hostWaits;
    }

    @Override
    public long mapAndRemove() {
      return 0;
    }
  }

  /** What must come out. */
  public static final class Model extends Uses {
    public Model() {
      super(new Plain());
    }
  }

  /** A fault: the word is read and written back, and what others set in it meanwhile is lost. */
  public static final class LostBits extends Uses {
    public LostBits() {
      super(
          new Real() {
            private final AtomicLong word = new AtomicLong();

            @Override
            public boolean lockHost() {
              long old = word.get();
              word.set((old & 1) == 0 ? 1 : old | 2);
              return (old & 1) == 0;
            }

            @Override
            public boolean lockGuest() {
              return word.compareAndSet(0, 1);
            }

            @Override
            public void unlock() {
              word.set(word.get() & ~1);
            }

            @Override
            public boolean hostHasPriority() {
              return (word.get() & 2) != 0;
            }
          });
    }
  }

  /** A fault: a page that is taken away stays counted. */
  public static final class MissedDecrement extends Uses {
    public MissedDecrement() {
      super(
          new Real() {
            @Override
            void countOut() {}
          });
    }
  }

  private static void check(Class<?> uses) {
    LinChecker.check(
        uses,
        new ModelCheckingOptions()
            .threads(3)
            .actorsPerThread(2)
            .actorsBefore(1)
            .actorsAfter(2)
            .iterations(Integer.getInteger("swtdx.scenarios", 3))
            .invocationsPerIteration(100)
            .minimizeFailedScenario(false)
            .sequentialSpecification(Model.class));
  }

  @Test
  void theModulesEntryAnswersAsTheModel() {
    assertThatCode(() -> check(Module.class)).doesNotThrowAnyException();
  }

  @Test
  void anEntryThatLosesBitsIsCaught() {
    assertThatThrownBy(() -> check(LostBits.class)).isInstanceOf(LincheckAssertionError.class);
  }

  @Test
  void aMissedDecrementIsCaught() {
    assertThatThrownBy(() -> check(MissedDecrement.class))
        .isInstanceOf(LincheckAssertionError.class);
  }
}
