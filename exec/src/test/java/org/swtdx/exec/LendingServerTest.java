package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.exec.linux.PidFd;
import org.swtdx.exec.linux.Signals;
import org.swtdx.exec.linux.UnixSocket;
import org.swtdx.exec.linux.UnixSocket.Message;

/** Several native programs on one KVM, none of which can tell that it is not alone. */
@Timeout(120)
final class LendingServerTest {
  private static final LendingBounds BOUNDS = new LendingBounds(Long.MAX_VALUE, 64, 1000);

  @TempDir private Path folder;
  private Path socket;
  private TestHost machine;
  private Serving serving;

  @BeforeEach
  void switchOn() {
    NativeClient.requireLinux();
    machine = new TestHost();
    socket = folder.resolve("swtdx.socket");
  }

  @AfterEach
  void switchOff() throws Exception {
    if (serving != null) {
      serving.end();
    }
    if (machine != null) {
      machine.close();
    }
  }

  private void serve(LendingBounds bounds) throws Exception {
    serving = Serving.start(socket, machine.kvm(), bounds);
  }

  private CompletableFuture<LendingClient.Outcome> start(List<String> command) {
    return Serving.client(socket, command);
  }

  @Test
  void severalProgramsRunAtOnce() throws Exception {
    serve(BOUNDS);
    List<CompletableFuture<LendingClient.Outcome>> clients =
        List.of(
            start(NativeClient.command("anonymous")),
            start(NativeClient.command("signal")),
            start(NativeClient.command("descriptors")),
            start(List.of("/bin/sh", "-c", "exit 3")));

    assertThat(clients.get(3).get().status()).isEqualTo(3);
    for (CompletableFuture<LendingClient.Outcome> client : clients.subList(0, 3)) {
      assertThat(client.get().status()).isZero();
      assertThat(client.get().left()).isEqualTo(new HostUse(0, 0));
    }
    serving.end();
    NativeClient.assertNothingLeft(machine.kvm());
  }

  @Test
  void whatAnotherProgramPassesIsNoFileOfKvms() throws Exception {
    serve(BOUNDS);
    String meeting = folder.resolve("meeting").toString();
    CompletableFuture<LendingClient.Outcome> taking = start(NativeClient.command("take", meeting));
    await(() -> Files.exists(Path.of(meeting)));
    CompletableFuture<LendingClient.Outcome> giving = start(NativeClient.command("give", meeting));

    assertThat(taking.get().status()).isZero();
    assertThat(giving.get().status()).isZero();
  }

  @Test
  void oneProgramsDeathIsNobodyElses() throws Exception {
    serve(BOUNDS);
    CompletableFuture<LendingClient.Outcome> staying = start(NativeClient.command("signal"));
    CompletableFuture<LendingClient.Outcome> dying = start(NativeClient.command("td"));
    ServedProgram td = awaitProgram(p -> p.keyIds() == 1 && p.vcpus() == 2);
    assertThat(td.frames()).isPositive();
    kill(td.pid());

    assertThat(dying.get().status()).isEqualTo(128 + Signals.KILL);
    assertThat(dying.get().left()).isEqualTo(new HostUse(0, 0));
    assertThat(staying.get().status()).isZero();
  }

  @Test
  void eachProgramHasItsOwnBounds() throws Exception {
    serve(new LendingBounds(4000, 2, 1000));
    List<String> counting = NativeClient.command("tds");
    CompletableFuture<LendingClient.Outcome> one = start(counting);
    CompletableFuture<LendingClient.Outcome> other = start(counting);

    assertThat(one.get().status()).isEqualTo(2);
    assertThat(other.get().status()).isEqualTo(2);
  }

  @Test
  void tooManyFilesAreTheProgramsOwnTrouble() throws Exception {
    serve(new LendingBounds(Long.MAX_VALUE, 64, 10));
    String many = "import os\nfor i in range(11): os.open('/dev/kvm', 2)";

    assertThat(start(List.of("/usr/bin/python3", "-c", many)).get().status()).isEqualTo(1);
    assertThat(start(NativeClient.command("anonymous")).get().status()).isZero();
  }

  @Test
  void whatKvmKeepsForAProgramIsBounded() throws Exception {
    serve(new LendingBounds(Long.MAX_VALUE, 64, 40));

    for (String test : List.of("hoarding_eventfds", "hoarding_memory")) {
      assertThat(start(NativeClient.script("memory.py", test, "40")).get().status()).isZero();
    }
  }

  @Test
  void aClientTakesItsProgramAlong() throws Exception {
    serve(BOUNDS);
    try (UnixSocket client = UnixSocket.connect(socket);
        Launch launch = Launch.prepare(NativeClient.command("smp"), NativeClient.ENVIRONMENT)) {
      assertThat(lend(client, launch.listener(), 0)).isEqualTo(Requests.SERVING);
      PidFd program = launch.start();
      client.send(Requests.STARTED, program.fd());
      awaitProgram(p -> p.vcpus() == 3);

      client.shutdown();

      assertThat(launch.await()).isEqualTo(128 + Signals.TERM);
    }
    await(() -> serving.server().programs().isEmpty());
    NativeClient.assertNothingLeft(machine.kvm());
  }

  @Test
  void aProgramWhoseClientWasKilledBeforeItCouldNameItIsKilled() throws Exception {
    serve(BOUNDS);
    try (UnixSocket client = UnixSocket.connect(socket);
        Launch launch = Launch.prepare(NativeClient.command("smp"), NativeClient.ENVIRONMENT)) {
      assertThat(lend(client, launch.listener(), 0)).isEqualTo(Requests.SERVING);
      launch.start();

      client.shutdown();

      assertThat(launch.await()).isEqualTo(128 + Signals.KILL);
    }
    await(() -> serving.server().programs().isEmpty());
  }

  @Test
  void theEndOfTheServerIsThatOfItsPrograms() throws Exception {
    serve(BOUNDS);
    CompletableFuture<LendingClient.Outcome> spinning = start(NativeClient.command("td"));
    awaitProgram(p -> p.keyIds() == 1);

    assertThat(new LendingClient(socket).stop()).isEqualTo(new HostUse(0, 0));

    assertThat(spinning.get().status()).isEqualTo(128 + Signals.TERM);
    serving.end();
    assertThat(socket).doesNotExist();
    NativeClient.assertNothingLeft(machine.kvm());
  }

  @Test
  void descriptorsOutsideOfTheFilterHoldNothing() throws Exception {
    serve(BOUNDS);
    Path meeting = folder.resolve("meeting");
    try (UnixSocket listener = UnixSocket.listen(meeting)) {
      CompletableFuture<LendingClient.Outcome> giving =
          start(NativeClient.command("give", meeting.toString()));
      try (UnixSocket program = listener.accept()) {
        Message passed = program.receive();
        assertThat(passed.descriptors()).hasSize(2);
        program.send("x");
        assertThat(giving.get().status()).isZero();
        await(() -> serving.server().programs().isEmpty());

        assertThat(machine.kvm().outstandingFrames()).isZero();
        passed.close();
      }
    }
  }

  @Test
  void aMemoryThatCannotBeReachedIsToldBeforeTheProgramStarts() throws Exception {
    serve(BOUNDS);
    try (UnixSocket client = UnixSocket.connect(socket);
        Launch launch = Launch.prepare(List.of("/bin/true"), NativeClient.ENVIRONMENT)) {
      assertThat(lend(client, launch.listener(), 1))
          .startsWith(Requests.REFUSED)
          .contains("kernel.yama.ptrace_scope");
    }
  }

  @Test
  void nonsenseIsRefusedAndHarmsNobody() throws Exception {
    serve(BOUNDS);
    for (String request : List.of("", "HELLO", "LEND", "LEND\n2\n0\n0\nx", "LEND\n1\na\nb\nx")) {
      try (UnixSocket client = UnixSocket.connect(socket)) {
        client.send(request);
        Message answer = client.receive();
        if (answer != null) {
          assertThat(answer.text()).startsWith(Requests.REFUSED);
        }
      }
    }
    assertThat(start(List.of("/bin/true")).get().status()).isZero();
  }

  @Test
  void clientsThatSayNothingAreFewAndKeepNobodyOutForLong() throws Exception {
    serve(BOUNDS);
    List<UnixSocket> silent = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      silent.add(UnixSocket.connect(socket));
    }
    await(() -> sessions() == 64);
    assertThat(sessions()).isEqualTo(64);
    silent.forEach(UnixSocket::close);

    assertThat(start(List.of("/bin/true")).get().status()).isZero();
  }

  private static long sessions() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("swtdx-session"))
        .count();
  }

  @Test
  void aServerWithoutDescriptorsWaitsForSome() throws Exception {
    String command =
        LendingProcess.command("serve", socket.toString()).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    Process server =
        new ProcessBuilder("/bin/sh", "-c", "ulimit -n 70; exec " + command).inheritIO().start();
    try {
      await(this::isServed);
      List<UnixSocket> silent = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        silent.add(UnixSocket.connect(socket));
      }
      Path descriptors = Path.of("/proc/" + server.pid() + "/fd");
      await(() -> Objects.requireNonNull(descriptors.toFile().list()).length == 70);
      silent.forEach(UnixSocket::close);

      assertThat(new LendingClient(socket).status().programs()).isEmpty();
      assertThat(new LendingClient(socket).stop()).isEqualTo(new HostUse(0, 0));
      assertThat(server.waitFor()).isZero();
    } finally {
      server.destroyForcibly();
    }
  }

  private boolean isServed() {
    try {
      return new LendingClient(socket).status().programs().isEmpty();
    } catch (LendingException e) {
      return false; // it is about to listen
    }
  }

  @Test
  void aClientThatNeverReadsIsTakenForGone() throws Exception {
    serve(BOUNDS);
    try (UnixSocket client = UnixSocket.connect(socket);
        Launch launch = Launch.prepare(List.of("/bin/sleep", "60"), NativeClient.ENVIRONMENT)) {
      assertThat(lend(client, launch.listener(), 0)).isEqualTo(Requests.SERVING);
      PidFd program = launch.start();
      client.send(Requests.STARTED, program.fd());

      for (int i = 0; i < 2000; i++) {
        client.send(Requests.ENDED);
      }

      assertThat(launch.await()).isEqualTo(128 + Signals.TERM);
    }
    await(() -> serving.server().programs().isEmpty());
  }

  @Test
  void programsThatDoNotExistAreNamed() throws Exception {
    serve(BOUNDS);
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(
            () -> new LendingClient(socket).run(List.of("/no/such"), NativeClient.ENVIRONMENT))
        .withMessage("cannot run /no/such: no such file, or its interpreter is missing (ENOENT)");
    await(() -> serving.server().programs().isEmpty());
  }

  @Test
  void theSocketIsThisUsersAndOneServers() throws Exception {
    serve(BOUNDS);
    assertThat(Files.getPosixFilePermissions(socket)).hasSize(2);
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(() -> LendingServer.listen(socket, machine.kvm(), BOUNDS))
        .withMessage("swtdx serve listens at " + socket + " already");
    serving.end();
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(() -> new LendingClient(socket).status())
        .withMessage("no swtdx serve: nobody listens at " + socket);
  }

  @Test
  void aSocketThatAServerLeftBehindIsReplacedAndNothingElse() throws Exception {
    UnixSocket.listen(socket).close();
    serve(BOUNDS);
    assertThat(new LendingClient(socket).status().programs()).isEmpty();
    serving.end();

    Files.writeString(socket, "precious");
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(() -> LendingServer.listen(socket, machine.kvm(), BOUNDS))
        .withMessage(socket + " is something else than a socket");
    assertThat(socket).hasContent("precious");
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(() -> LendingServer.listen(folder.resolve("no/x"), machine.kvm(), BOUNDS))
        .withMessage("there is no folder " + folder.resolve("no"));
  }

  /** Asks for KVM as a client does, with an offset to the proof that it can be reached. */
  private static String lend(UnixSocket client, int listener, int error) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(ValueLayout.JAVA_LONG, 4711).address();
      client.send(
          Requests.message(Requests.LEND, Requests.VERSION, at, 4711 + error, "test"), listener);
      org.swtdx.exec.linux.Syscall.call(org.swtdx.exec.linux.Syscall.CLOSE, listener);
      return client.receive().text();
    }
  }

  private ServedProgram awaitProgram(java.util.function.Predicate<ServedProgram> condition)
      throws Exception {
    await(() -> serving.server().programs().stream().anyMatch(condition));
    return serving.server().programs().stream().filter(condition).findFirst().orElseThrow();
  }

  private static void kill(int pid) throws Exception {
    try (PidFd process = PidFd.open(pid)) {
      process.signal(Signals.KILL);
    }
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(2);
    }
  }
}
