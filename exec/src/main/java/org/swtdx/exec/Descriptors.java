package org.swtdx.exec;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many descriptors of ours a program may occupy by what KVM keeps for it, though it may have
 * closed it: eventfds and files of guest memory.
 */
final class Descriptors {
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  /** None is taken yet. */
  Descriptors(int most) {
    this.most = most;
  }

  /** Takes one; false when there is none. */
  boolean take() {
    if (taken.incrementAndGet() <= most) {
      return true;
    }
    giveBack();
    return false;
  }

  /** Gives one back that is closed. */
  void giveBack() {
    taken.decrementAndGet();
  }
}
