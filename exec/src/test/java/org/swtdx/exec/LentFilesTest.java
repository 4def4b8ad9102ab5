package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.swtdx.exec.linux.NamelessFile;
import org.swtdx.exec.linux.NamelessFile.Access;
import org.swtdx.exec.linux.Syscall;
import org.swtdx.kvm.HostShare;

/** What is said of files when a program has ended. */
@Timeout(60)
final class LentFilesTest {
  private static final Duration CLOSING = Duration.ofMillis(200);

  private TestHost machine;
  private EventPoller poller;
  private LentFiles files;
  private LentFile file;

  @BeforeEach
  void open() throws Exception {
    NativeClient.requireLinux();
    machine = new TestHost();
    poller = new EventPoller();
    files = new LentFiles(10, CLOSING);
    LentProcess owner =
        new LentProcess(
            (int) ProcessHandle.current().pid(),
            HostShare.unbounded(),
            files,
            new Descriptors(10),
            poller,
            machine.kvm().platform().memory(),
            _ -> {});
    NamelessFile node = NamelessFile.create(0, Access.NONE);
    file = new LentFile(machine.kvm().open(), node, owner, null);
    files.add(file);
  }

  @AfterEach
  void close() {
    if (files != null) {
      files.close();
      poller.close();
      machine.close();
    }
  }

  @Test
  void aFileThatTakesLongToReleaseIsNotElsewhere() throws Exception {
    assertThat(file.retain()).isTrue(); // as a call does that is still being answered
    file.node().handOver();
    CompletableFuture.delayedExecutor(3 * CLOSING.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> assertThat(files.use(file, _ -> file.drop())).isTrue());

    assertThat(files.awaitEmpty(() -> false)).isEqualTo(new LentFiles.Rest(0, 0));
  }

  @Test
  void aTaskThatTakesLongToEndIsWaitedFor() throws Exception {
    int programs = (int) Syscall.call(Syscall.DUP, file.node().forProgram());
    file.node().handOver();
    AtomicInteger looks = new AtomicInteger();

    LentFiles.Rest rest =
        files.awaitEmpty(
            () -> {
              if (looks.incrementAndGet() < 5) {
                return true;
              }
              Syscall.call(Syscall.CLOSE, programs);
              return false;
            });

    assertThat(rest).isEqualTo(new LentFiles.Rest(0, 0));
    assertThat(looks).hasPositiveValue();
  }

  @Test
  void aDescriptorElsewhereIs() throws Exception {
    int elsewhere = (int) Syscall.call(Syscall.DUP, file.node().forProgram());
    file.node().handOver();

    assertThat(files.awaitEmpty(() -> false)).isEqualTo(new LentFiles.Rest(1, 0));
    Syscall.call(Syscall.CLOSE, elsewhere);
  }
}
