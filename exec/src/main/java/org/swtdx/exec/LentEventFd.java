package org.swtdx.exec;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.EventFd;

/** An eventfd that the program has, by a descriptor of ours. Equal when it is the same eventfd. */
final class LentEventFd implements EventFd, AutoCloseable {
  private final int fd;
  private final String identity;
  private final EventPoller poller;
  private final MemorySegment one = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_LONG, 1);

  LentEventFd(int fd, String identity, EventPoller poller) {
    this.fd = fd;
    this.identity = identity;
    this.poller = poller;
  }

  @Override
  public void signal() {
    Syscall.call(Syscall.WRITE, fd, one.address(), Long.BYTES);
  }

  @Override
  public @Nullable Runnable listen(Runnable action) {
    return poller.add(fd, identity, action);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LentEventFd that && that.identity.equals(identity);
  }

  @Override
  public int hashCode() {
    return identity.hashCode();
  }

  @Override
  public void close() {
    Syscall.call(Syscall.CLOSE, fd);
  }
}
