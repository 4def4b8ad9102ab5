package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.exec.linux.Syscall;

/** With this process as the program. */
@Timeout(60)
final class LentEventFdsTest {
  private final int pid = (int) ProcessHandle.current().pid();

  @BeforeEach
  void onLinux() {
    NativeClient.requireLinux();
  }

  @Test
  void oneForAllDescriptorsOfAnEventfd() {
    int fd = eventfd();
    int copy = (int) Syscall.call(Syscall.DUP, fd);
    int other = eventfd();
    try (EventPoller poller = new EventPoller();
        LentEventFds eventFds = new LentEventFds(poller, new Descriptors(100))) {
      LentEventFd first = Objects.requireNonNull(eventFds.of(pid, pid, fd));
      assertThat(eventFds.of(pid, pid, copy)).isSameAs(first);
      assertThat(eventFds.of(pid, pid, other)).isNotNull().isNotSameAs(first);
      assertThat(eventFds.of(pid, pid, 0)).isNull();
      assertThat(eventFds.size()).isEqualTo(2);
      Syscall.call(Syscall.CLOSE, fd);
      assertThat(eventFds.of(pid, pid, copy)).isSameAs(first);
    }
    Syscall.call(Syscall.CLOSE, copy);
    Syscall.call(Syscall.CLOSE, other);
  }

  @Test
  void whatNobodyUsesAnyMoreIsClosed() throws Exception {
    int used = eventfd();
    try (EventPoller poller = new EventPoller();
        LentEventFds eventFds = new LentEventFds(poller, new Descriptors(200))) {
      Runnable stop =
          Objects.requireNonNull(
              Objects.requireNonNull(eventFds.of(pid, pid, used)).listen(() -> {}));
      for (int i = 0; i < 100; i++) {
        int fd = eventfd();
        assertThat(eventFds.of(pid, pid, fd)).isNotNull();
        Syscall.call(Syscall.CLOSE, fd);
      }
      while (eventFds.size() > 1) {
        System.gc();
        Thread.sleep(1);
      }
      assertThat(eventFds.size()).as("one is listened to").isEqualTo(1);
      stop.run();
    }
    Syscall.call(Syscall.CLOSE, used);
  }

  @Test
  void aProgramOccupiesNoMoreThanItMayAndGetsBackWhatNobodyUses() {
    int fd = eventfd();
    int other = eventfd();
    try (EventPoller poller = new EventPoller();
        LentEventFds eventFds = new LentEventFds(poller, new Descriptors(1))) {
      Runnable stop =
          Objects.requireNonNull(
              Objects.requireNonNull(eventFds.of(pid, pid, fd)).listen(() -> {}));
      assertThat(eventFds.of(pid, pid, other)).isNull();
      stop.run();
    }
    try (EventPoller poller = new EventPoller();
        LentEventFds eventFds = new LentEventFds(poller, new Descriptors(1))) {
      takeAndForget(eventFds, fd);
      takeAndForget(eventFds, other);
    }
    Syscall.call(Syscall.CLOSE, fd);
    Syscall.call(Syscall.CLOSE, other);
  }

  private void takeAndForget(LentEventFds eventFds, int fd) {
    assertThat(eventFds.of(pid, pid, fd)).isNotNull();
  }

  private static int eventfd() {
    return (int) Syscall.call(Syscall.EVENTFD2, 0, 0);
  }
}
