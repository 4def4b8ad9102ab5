package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Signals;

/** What lends KVM, in a process of its own. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class LendingProcessTest {
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  @TempDir private Path folder;
  private File said;

  @BeforeEach
  void onLinux() {
    NativeClient.requireLinux();
    said = folder.resolve("said").toFile();
  }

  @Test
  void needsNoPrivileges() throws Exception {
    assumeThat(System.getProperty("user.name")).as("another user can be tried").isEqualTo("root");
    Packages.require(SETPRIV, "util-linux");
    List<String> command = new ArrayList<>(List.of(SETPRIV.toString(), "--reuid=65534"));
    command.addAll(List.of("--regid=65534", "--clear-groups", "--inh-caps=-all"));
    List<String> lend = LendingProcess.commandForEverybody(folder, "exec", "/bin/sh", "-c");
    lend.add(
        """
        test "$(id -u)" = 65534 && grep -q '^CapEff:\\s*0*$' /proc/self/status || exit 9
        for test in anonymous sockets threads; do
          /usr/bin/python3 -B %1$s/client.py $test || exit 1
        done
        /usr/bin/python3 -B %1$s/probes.py opened examined listed linked || exit 2
        /usr/bin/python3 -B %1$s/files.py copies exec order passed deaths || exit 3
        /usr/bin/python3 -B %1$s/hostile.py elsewhere || exit 4
        /usr/bin/python3 -B %1$s/hostile.py undumpable || exit 5
        """
            .formatted(LendingProcess.script(folder, "client.py").getParent()));
    command.addAll(lend);

    assertThat(run(command)).as(this::said).isZero();
    assertThat(said()).containsPattern("the memory of process [0-9]+ is closed to swtdx");
  }

  @Test
  void aListenerAroundItIsNamed() throws Exception {
    try (TestHost machine = new TestHost()) {
      List<String> command = LendingProcess.command("exec", "/bin/true");
      command.addAll(0, List.of("/bin/sh", "-c", "exec \"$@\" 2>" + said, "sh"));

      int status = new Lender(machine.kvm()).run(command, NativeClient.ENVIRONMENT);

      assertThat(status).as(this::said).isEqualTo(127);
      assertThat(said()).contains("a sandbox around swtdx supervises system calls already");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "38, 0, 127, this kernel has no seccomp user notification",
    "1, 0, 127, a sandbox does not allow seccomp filters",
    "22, 32, 0, ''" // no SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: Linux before 5.19
  })
  void whatTheKernelLacksIsNamed(int error, int flag, int status, String reason) throws Exception {
    List<String> command =
        NativeClient.script("lacking.py", Integer.toString(error), Integer.toString(flag));
    command.addAll(LendingProcess.command("exec"));
    command.addAll(NativeClient.command("anonymous"));

    assertThat(run(command)).as(this::said).isEqualTo(status);
    assertThat(said()).contains(reason);
  }

  @Test
  void callsFailWhenItIsKilled() throws Exception {
    Path result = folder.resolve("result");
    List<String> command = LendingProcess.command("exec");
    command.addAll(NativeClient.script("hostile.py", "orphaned", result.toString()));
    Process lender = start(command);
    awaitContent(result, "running");

    lender.destroyForcibly().waitFor();

    awaitContent(result, "38"); // ENOSYS
    assertNothingInMemory();
  }

  @Test
  void aKilledServerTakesItsProgramsAlongAndAnotherTakesItsPlace() throws Exception {
    Path socket = folder.resolve("socket");
    Path result = folder.resolve("result");
    Process server = start(LendingProcess.command("serve", socket.toString()));
    await(() -> isServed(socket));
    List<String> command = LendingProcess.command("connect", socket.toString());
    command.addAll(NativeClient.script("hostile.py", "orphaned", result.toString()));
    Process client = start(command);
    awaitContent(result, "running");

    server.destroyForcibly().waitFor();

    assertThat(client.waitFor()).as(this::said).isIn(0, 128 + Signals.TERM);
    assertThat(said()).contains("is gone: the program has to end");
    assertNothingInMemory();
    try (TestHost machine = new TestHost()) {
      LendingBounds bounds = new LendingBounds(Long.MAX_VALUE, 64, 1000);
      Serving serving = Serving.start(socket, machine.kvm(), bounds);
      assertThat(new LendingClient(socket).status().programs()).isEmpty();
      serving.end();
    }
  }

  @Test
  void aKilledClientTakesItsProgramAlong() throws Exception {
    Path socket = folder.resolve("socket");
    try (TestHost machine = new TestHost()) {
      LendingBounds bounds = new LendingBounds(Long.MAX_VALUE, 64, 1000);
      Serving serving = Serving.start(socket, machine.kvm(), bounds);
      List<String> command = LendingProcess.command("connect", socket.toString());
      command.addAll(NativeClient.command("td"));
      Process client = start(command);
      await(() -> serving.server().programs().stream().anyMatch(p -> p.keyIds() == 1));
      try (PidFd program = PidFd.open(serving.server().programs().getFirst().pid())) {
        client.destroyForcibly().waitFor();

        assertThat(program.awaitEnd(20_000)).isTrue();
      }
      await(() -> serving.server().programs().isEmpty());
      NativeClient.assertNothingLeft(machine.kvm());
      serving.end();
    }
  }

  private Process start(List<String> command) throws Exception {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(said))
        .start();
  }

  private int run(List<String> command) throws Exception {
    return start(command).waitFor();
  }

  private String said() {
    return contentOf(said.toPath());
  }

  private static String contentOf(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private static boolean isServed(Path socket) {
    try {
      return new LendingClient(socket).status().programs().isEmpty();
    } catch (LendingException e) {
      return false;
    }
  }

  private void awaitContent(Path file, String content) throws Exception {
    await(() -> contentOf(file).equals(content));
  }

  private void await(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(this::said).isLessThan(end);
      Thread.sleep(2);
    }
  }

  private static void assertNothingInMemory() throws Exception {
    try (var files = Files.list(Path.of("/dev/shm"))) {
      assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("swtdx"));
    }
  }
}
