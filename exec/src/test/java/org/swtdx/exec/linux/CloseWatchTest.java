package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.exec.linux.NamelessFile.Access;

final class CloseWatchTest {
  @BeforeEach
  void onLinux() {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
  }

  @Test
  void theLastDescriptorEndsTheFile() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (CloseWatch watch = new CloseWatch();
        NamelessFile file = NamelessFile.create(4096, Access.READ_WRITE)) {
      Runnable unwatch = watch.watch(file, gone::countDown);
      int copy = (int) Syscall.call(Syscall.DUP, file.forProgram());
      file.handOver();
      assertThat(gone.await(50, TimeUnit.MILLISECONDS)).isFalse();

      Syscall.call(Syscall.CLOSE, copy);
      assertThat(gone.await(10, TimeUnit.SECONDS)).isTrue();
      unwatch.run();
    }
  }

  @Test
  void aForgottenFileGivesNoNotice() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (CloseWatch watch = new CloseWatch();
        NamelessFile file = NamelessFile.create(0, Access.NONE)) {
      watch.watch(file, gone::countDown).run();
      file.handOver();
      assertThat(gone.await(50, TimeUnit.MILLISECONDS)).isFalse();
    }
  }

  @Test
  void mappingsAndDescriptorsAreTheSameBytes() throws Exception {
    try (NamelessFile file = NamelessFile.create(4096, Access.READ_WRITE)) {
      MemorySegment first = file.map();
      MemorySegment second = file.map();
      first.set(ValueLayout.JAVA_LONG, 8, 42);
      assertThat(second.get(ValueLayout.JAVA_LONG, 8)).isEqualTo(42);
      assertThat(FileId.ofDescriptor(file.forProgram())).isEqualTo(file.id());
      NamelessFile.unmap(first);
      NamelessFile.unmap(second);
    }
  }
}
