package org.swtdx.exec;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.swtdx.memory.LostMemory;

/**
 * Looks, while calls come or guests run, whether something in the programs they run for is to end a
 * run, and whether somebody waits for calls.
 */
final class RunWatch implements AutoCloseable {
  private static final long PERIOD_NANOS = 100_000;

  /** While all guests that run wait for something: the longer they do, the longer. */
  private static final long QUIET_PERIOD_NANOS = 1_000_000;

  private static final long LONGEST_PERIOD_NANOS = 4_000_000;
  private static final int QUIET_TIMES_PERIOD = 250;

  /** What went on so lately goes on. */
  private static final long LATELY_NANOS = 1_000_000;

  /** Looks with nothing to see before the watch sleeps: waking it costs more than a look. */
  private static final int IDLE_LOOKS = 40;

  private final Set<RunGate> watched = ConcurrentHashMap.newKeySet();
  private final Thread thread =
      Thread.ofPlatform().daemon().name("swtdx-run-watch").unstarted(this::watch);
  private volatile @Nullable Receivers receivers;
  private volatile boolean asleep;
  private boolean quiet;
  private long quietSince;
  private @Nullable RunGate lookedAt;
  private volatile boolean closed;

  /** Begins to look after these, too. */
  void start(Receivers those) {
    receivers = those;
    thread.start();
  }

  /** Watches a gate until its guest has not run for a while. */
  void add(RunGate gate) {
    watched.add(gate);
    wakeUp();
  }

  /** Has the watch look: something began. */
  void wakeUp() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** A signal may be about to reach a thread of a process, or any one if {@code tid} is 0. */
  void expectSignal(int group, int tid) {
    for (RunGate gate : watched) {
      gate.expectSignal(group, tid);
    }
  }

  private void watch() {
    for (int idle = 0; !closed; ) {
      if (quiet) {
        doze();
      } else {
        LockSupport.parkNanos(this, PERIOD_NANOS);
      }
      idle = lookAtAll() ? 0 : idle + 1;
      if (idle == IDLE_LOOKS) {
        sleep();
        idle = 0;
      }
    }
  }

  /** Looks at everything; whether anything goes on. Nothing that a program does ends the watch. */
  private boolean lookAtAll() {
    try {
      return look(System.nanoTime());
    } catch (InternalError e) {
      RunGate gate = lookedAt;
      if (gate == null || !LostMemory.isCauseOf(e)) {
        throw e;
      }
      gate.cutOff();
      return true;
    }
  }

  /** Looks at everything; whether anything goes on. */
  private boolean look(long now) {
    int busy = 0;
    boolean active = false;
    for (Iterator<RunGate> each = watched.iterator(); each.hasNext(); ) {
      RunGate gate = each.next();
      lookedAt = gate;
      long since = gate.look(now);
      active |= gate.isActive();
      if (since < LATELY_NANOS) {
        busy++;
      } else if (!gate.isRunning()) {
        each.remove();
        gate.unwatched(this);
      }
    }
    Receivers those = receivers;
    if (those == null) {
      return false;
    }
    those.look(now, busy);
    boolean before = quiet;
    quiet = !active && busy == 0 && !watched.isEmpty() && those.isAttended();
    quietSince = before && quiet ? quietSince : now;
    return !watched.isEmpty() || !those.isAttended();
  }

  /** Sleeps for a while, until something begins. */
  private void doze() {
    long nanos = (System.nanoTime() - quietSince) / QUIET_TIMES_PERIOD;
    Receivers those = receivers;
    asleep = true;
    if (those != null && those.isAttended()) {
      LockSupport.parkNanos(this, Math.clamp(nanos, QUIET_PERIOD_NANOS, LONGEST_PERIOD_NANOS));
    }
    asleep = false;
  }

  private void sleep() {
    asleep = true;
    while (!lookAtAll() && !closed) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
