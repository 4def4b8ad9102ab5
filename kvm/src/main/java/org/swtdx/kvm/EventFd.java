package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;

/** An eventfd as KVM uses it: signalled by an ioeventfd, listened to by an irqfd. */
public interface EventFd {
  /** Adds 1 to the counter and wakes whoever waits for it. Never blocks. */
  void signal();

  /**
   * Calls {@code action} for each signal, also for one that is already pending; the counter is
   * consumed. The calls come from any thread. There is at most one listener, whoever it belongs to.
   *
   * @return stops the calls when run; after it returned no new call starts. Null when somebody
   *     listens already.
   */
  @Nullable Runnable listen(Runnable action);
}
