package org.swtdx.kvm;

/** An eventfd as KVM uses it: signalled by an ioeventfd, listened to by an irqfd. */
public interface EventFd {
  /** Adds 1 to the counter and wakes whoever waits for it. Never blocks. */
  void signal();

  /**
   * Calls {@code action} for each signal, also for one that is already pending; the counter is
   * consumed. The calls come from any thread.
   *
   * @return stops the calls when run; after it returned no new call starts
   */
  Runnable listen(Runnable action);
}
