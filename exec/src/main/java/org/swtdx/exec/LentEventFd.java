package org.swtdx.exec;

import java.lang.ref.Reference;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.EventFds;
import org.swtdx.kvm.EventFd;

/** An eventfd that the program has, by a descriptor of ours. Equal when it is the same eventfd. */
final class LentEventFd implements EventFd {
  private final int fd;
  private final String identity;
  private final EventPoller poller;

  LentEventFd(int fd, String identity, EventPoller poller) {
    this.fd = fd;
    this.identity = identity;
    this.poller = poller;
  }

  /** Our descriptor: open for as long as anybody refers to this object. */
  int fd() {
    return fd;
  }

  /** Equal for descriptors of one eventfd, also those of several processes. */
  String identity() {
    return identity;
  }

  @Override
  public void signal() {
    try {
      EventFds.signal(fd);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public @Nullable Runnable listen(Runnable action) {
    return poller.add(this, action);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LentEventFd that && that.identity.equals(identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }
}
