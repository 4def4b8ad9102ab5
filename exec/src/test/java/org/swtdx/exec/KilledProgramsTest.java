package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Signals;

/**
 * Launches that are cut short at any moment, on one server: nothing is left of any. The system
 * property {@code swtdx.kills} says how many; {@code swtdx.seed} repeats the moments of a run.
 */
@Timeout(900)
final class KilledProgramsTest {
  private static final int KILLS = Integer.getInteger("swtdx.kills", 9);
  private static final int LONGEST_MILLIS = 400;
  private static final List<String> PROGRAMS = List.of("td", "smp", "moves");

  @TempDir private Path folder;

  @Test
  void leaveNothingBehind() throws Exception {
    NativeClient.requireLinux();
    long seed = Long.getLong("swtdx.seed", System.nanoTime());
    Random random = new Random(seed);
    Path socket = folder.resolve("swtdx.socket");
    try (TestHost machine = new TestHost()) {
      LendingBounds bounds = new LendingBounds(Long.MAX_VALUE, 64, 1000);
      Serving serving = Serving.start(socket, machine.kvm(), bounds);
      launchAndKill(serving, socket, "td", 0, Signals.KILL); // loads classes, starts threads
      assertThat(NativeClient.supervisingThreads()).isEmpty();
      List<String> descriptors = NativeClient.descriptors();
      List<ProcessHandle> children = ProcessHandle.current().children().toList();

      int reached = 0;
      for (int i = 0; i < KILLS; i++) {
        String program = PROGRAMS.get(i % PROGRAMS.size());
        int signal = random.nextBoolean() ? Signals.KILL : Signals.TERM;
        int millis = random.nextInt(LONGEST_MILLIS);
        reached += launchAndKill(serving, socket, program, millis, signal) ? 1 : 0;
        assertThat(machine.kvm().outstandingFrames()).as("seed %d, kill %d", seed, i).isZero();
        assertThat(machine.kvm().outstandingKeyIds()).as("seed %d, kill %d", seed, i).isZero();
      }
      assertThat(NativeClient.supervisingThreads()).as("seed %d", seed).isEmpty();
      assertThat(NativeClient.descriptors()).as("seed %d", seed).isEqualTo(descriptors);
      assertThat(children)
          .as("seed %d", seed)
          .containsAll(ProcessHandle.current().children().toList());
      serving.end();
      System.getLogger("org.swtdx.exec")
          .log(System.Logger.Level.DEBUG, "{0} of {1} had a VM when killed", reached, KILLS);
    }
  }

  /** Whether the program had a VM when it was killed. */
  private static boolean launchAndKill(
      Serving serving, Path socket, String program, int millis, int signal) throws Exception {
    CompletableFuture<LendingClient.Outcome> client =
        Serving.client(socket, NativeClient.command(program));
    ServedProgram served = awaitStart(serving);
    Thread.sleep(millis);
    boolean hadVm = serving.server().programs().stream().anyMatch(p -> p.vms() > 0);
    try (PidFd process = PidFd.open(served.pid())) {
      process.signal(signal);
    }
    assertThat(client.get().status()).isEqualTo(128 + signal);
    while (!serving.server().programs().isEmpty()) {
      Thread.sleep(1);
    }
    return hadVm;
  }

  private static ServedProgram awaitStart(Serving serving) throws InterruptedException {
    while (true) {
      for (ServedProgram program : serving.server().programs()) {
        if (program.pid() != 0) {
          return program;
        }
      }
      Thread.sleep(1);
    }
  }
}
