package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;

/** An eventfd inside this JVM: a counter that threads and KVM add to, read and wait for. */
public final class EventCounter implements EventFd {
  private @Nullable Runnable listener;
  private long count;

  EventCounter() {}

  @Override
  public void signal() {
    Runnable action;
    synchronized (this) {
      action = listener;
      if (action == null) {
        count++;
        notifyAll();
        return;
      }
    }
    action.run();
  }

  @Override
  public @Nullable Runnable listen(Runnable action) {
    boolean pending;
    synchronized (this) {
      if (listener != null) {
        return null;
      }
      listener = action;
      pending = count > 0;
      count = 0;
    }
    if (pending) {
      action.run();
    }
    return this::stopListening;
  }

  private synchronized void stopListening() {
    listener = null;
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
