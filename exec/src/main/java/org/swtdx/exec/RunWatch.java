package org.swtdx.exec;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Looks, while guests run, whether the calls they run for still exist: the kernel ends a call that
 * a signal interrupts without telling the supervisor.
 */
final class RunWatch implements AutoCloseable {
  private static final long PERIOD_NANOS = 250_000;

  private final Set<RunGate> running = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  RunWatch() {
    thread = Thread.ofPlatform().daemon().name("swtdx-run-watch").unstarted(this::watch);
    thread.start();
  }

  void add(RunGate gate) {
    boolean idle = running.isEmpty();
    running.add(gate);
    if (idle) {
      LockSupport.unpark(thread);
    }
  }

  void remove(RunGate gate) {
    running.remove(gate);
  }

  private void watch() {
    while (!closed) {
      if (running.isEmpty()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, PERIOD_NANOS);
        running.forEach(RunGate::kickIfAbandoned);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
