package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class EventFdsTest {
  private static final long FULL = -2; // the highest count that write(2) makes
  private static final long OVERFLOWN = -1;

  private int eventFd;

  @BeforeEach
  void open() {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    eventFd = (int) Syscall.call(Syscall.EVENTFD2, 0, 0);
  }

  @AfterEach
  void close() {
    Syscall.call(Syscall.CLOSE, eventFd);
  }

  @Test
  void countsOfManyThreadsAddUp() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int j = 0; j < 5000; j++) {
                      EventFds.signal(eventFd);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(read()).isEqualTo(20_000);
  }

  @Test
  void nobodyWaitsForAFullCounter() {
    write(FULL);
    EventFds.writeUnlessFull(eventFd);
    assertThat(read()).isEqualTo(FULL);

    write(FULL);
    EventFds.signal(eventFd);
    EventFds.signal(eventFd);
    assertThat(read()).isEqualTo(OVERFLOWN);

    EventFds.writeUnlessFull(eventFd);
    assertThat(read()).isEqualTo(1);
  }

  @Test
  void nobodyWaitsForAnEmptyCounter() {
    assertThat(EventFds.take(eventFd)).isFalse();
    write(3);
    assertThat(EventFds.take(eventFd)).isTrue();
    assertThat(EventFds.take(eventFd)).isFalse();
  }

  @Test
  void otherDescriptorsAreLeftAlone() {
    EventFds.signal(-1);
    assertThat(EventFds.take(-1)).isFalse();
  }

  private long read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(Long.BYTES, 8);
      Syscall.call(Syscall.READ, eventFd, count.address(), Long.BYTES);
      return count.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  private void write(long count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocateFrom(ValueLayout.JAVA_LONG, count);
      Syscall.call(Syscall.WRITE, eventFd, value.address(), Long.BYTES);
    }
  }
}
