package org.swtdx.tdxmodule.platform;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.LincheckAssertionError;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.ThreadIdGen;
import org.jetbrains.kotlinx.lincheck.strategy.managed.modelchecking.ModelCheckingOptions;
import org.junit.jupiter.api.Test;

/**
 * The module's locks in every interleaving of a few threads, against a model that knows who holds
 * what. A lock that forgets a sharer is caught.
 */
class LockLincheckTest {
  /** A shared/exclusive lock that is tried. */
  interface Lock {
    boolean tryHost(boolean exclusive);

    boolean tryGuest(boolean exclusive);

    void release(boolean exclusive);

    boolean hostHasPriority();
  }

  /** What threads do with a lock: each holds it at most once. */
  abstract static class Uses {
    private static final int THREADS = 8;
    private static final int FREE = 0, SHARED = 1, EXCLUSIVE = 2;

    private final Lock lock;
    private final int[] held = new int[THREADS];

    Uses(Lock lock) {
      this.lock = lock;
    }

    private boolean take(int thread, boolean host, boolean exclusive) {
      if (held[thread] != FREE) {
        lock.release(held[thread] == EXCLUSIVE);
        held[thread] = FREE;
        return true;
      }
      boolean taken = host ? lock.tryHost(exclusive) : lock.tryGuest(exclusive);
      held[thread] = taken ? exclusive ? EXCLUSIVE : SHARED : FREE;
      return taken;
    }

    @Operation
    public boolean hostShared(@Param(gen = ThreadIdGen.class) int thread) {
      return take(thread, true, false);
    }

    @Operation
    public boolean hostExclusive(@Param(gen = ThreadIdGen.class) int thread) {
      return take(thread, true, true);
    }

    @Operation
    public boolean guestShared(@Param(gen = ThreadIdGen.class) int thread) {
      return take(thread, false, false);
    }

    @Operation
    public boolean guestExclusive(@Param(gen = ThreadIdGen.class) int thread) {
      return take(thread, false, true);
    }

    @Operation
    public boolean priority() {
      return lock.hostHasPriority();
    }
  }

  /** The module's lock. */
  public static final class Module extends Uses {
    public Module() {
      super(
          new Lock() {
            private final SharexLock lock = new SharexLock();

            @Override
            public boolean tryHost(boolean exclusive) {
              return lock.tryHost(exclusive);
            }

            @Override
            public boolean tryGuest(boolean exclusive) {
              return lock.tryGuest(exclusive);
            }

            @Override
            public void release(boolean exclusive) {
              lock.release(exclusive);
            }

            @Override
            public boolean hostHasPriority() {
              return lock.hostHasPriority();
            }
          });
    }
  }

  /** Counts holders, one operation at a time. */
  private static class Holders implements Lock {
    int sharers;
    boolean owned;
    boolean hostWaits;

    @Override
    public boolean tryHost(boolean exclusive) {
      hostWaits = owned || exclusive && sharers > 0;
      return !hostWaits && take(exclusive);
    }

    @Override
    public boolean tryGuest(boolean exclusive) {
      return !hostWaits && !owned && !(exclusive && sharers > 0) && take(exclusive);
    }

    private boolean take(boolean exclusive) {
      owned = exclusive;
      sharers += exclusive ? 0 : 1;
      return true;
    }

    @Override
    public void release(boolean exclusive) {
      owned = false;
      sharers -= exclusive ? 0 : 1;
    }

    @Override
    public boolean hostHasPriority() {
      return hostWaits;
    }
  }

  /** What must come out. */
  public static final class Model extends Uses {
    public Model() {
      super(new Holders());
    }
  }

  /** A fault: counting sharers without atomicity. */
  public static final class Racy extends Uses {
    public Racy() {
      super(new Holders());
    }
  }

  /** A fault: an exclusive request looks for sharers first and announces itself then. */
  public static final class LooksFirst extends Uses {
    public LooksFirst() {
      super(
          new Lock() {
            private final AtomicInteger sharers = new AtomicInteger();
            private final AtomicBoolean owned = new AtomicBoolean();
            private volatile boolean hostWaits;

            @Override
            public boolean tryHost(boolean exclusive) {
              hostWaits = !take(exclusive);
              return !hostWaits;
            }

            @Override
            public boolean tryGuest(boolean exclusive) {
              return !hostWaits && take(exclusive);
            }

            private boolean take(boolean exclusive) {
              if (exclusive) {
                return sharers.get() == 0 && owned.compareAndSet(false, true);
              }
              return !owned.get() && sharers.incrementAndGet() > 0;
            }

            @Override
            public void release(boolean exclusive) {
              if (exclusive) {
                owned.set(false);
              } else {
                sharers.decrementAndGet();
              }
            }

            @Override
            public boolean hostHasPriority() {
              return hostWaits;
            }
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
            .invocationsPerIteration(120)
            .minimizeFailedScenario(false)
            .sequentialSpecification(Model.class));
  }

  @Test
  void theModulesLockAnswersAsTheModel() {
    assertThatCode(() -> check(Module.class)).doesNotThrowAnyException();
  }

  @Test
  void aLockThatLosesSharersIsCaught() {
    assertThatThrownBy(() -> check(Racy.class)).isInstanceOf(LincheckAssertionError.class);
  }

  @Test
  void aLockThatLooksBeforeItAnnouncesIsCaught() {
    assertThatThrownBy(() -> check(LooksFirst.class)).isInstanceOf(LincheckAssertionError.class);
  }
}
