package org.swtdx.exec;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Looks, while guests run, whether something in the programs they run for is to end the run. */
final class RunWatch implements AutoCloseable {
  private static final long PERIOD_NANOS = 100_000;

  /** Looks without a guest running before the watch sleeps: waking it costs more than a look. */
  private static final int IDLE_LOOKS = 40;

  private final Set<RunGate> running = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean closed;

  RunWatch() {
    thread = Thread.ofPlatform().daemon().name("swtdx-run-watch").unstarted(this::watch);
    thread.start();
  }

  void add(RunGate gate) {
    running.add(gate);
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  void remove(RunGate gate) {
    running.remove(gate);
  }

  private void watch() {
    for (int idle = 0; !closed; ) {
      LockSupport.parkNanos(this, PERIOD_NANOS);
      running.forEach(RunGate::look);
      idle = running.isEmpty() ? idle + 1 : 0;
      if (idle == IDLE_LOOKS) {
        sleep();
        idle = 0;
      }
    }
  }

  private void sleep() {
    asleep = true;
    while (running.isEmpty() && !closed) {
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
