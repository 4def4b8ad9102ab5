package org.swtdx.kvm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An eventfd inside this JVM: a counter that threads and KVM add to, read and wait for. */
public final class EventCounter implements EventFd {
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private long count;

  EventCounter() {}

  @Override
  public void signal() {
    synchronized (this) {
      if (listeners.isEmpty()) {
        count++;
        notifyAll();
        return;
      }
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public Runnable listen(Runnable action) {
    boolean pending;
    synchronized (this) {
      listeners.add(action);
      pending = count > 0;
      count = 0;
    }
    if (pending) {
      action.run();
    }
    return () -> listeners.remove(action);
  }

  /** read(2) without blocking: the counter, which becomes 0. */
  public synchronized long take() {
    long taken = count;
    count = 0;
    return taken;
  }

  /**
   * Waits until the counter is not 0.
   *
   * @param millis at most this long
   * @return whether it is
   */
  public synchronized boolean await(long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    while (count == 0) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
