package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.kvm.KvmHost;

/** Native programs, as they come, on a KVM that they believe to be the kernel's. */
@Timeout(120)
final class LenderTest {
  /** Exit status of a script that may not do what it is to try. */
  private static final int NOT_ALLOWED = 77;

  private TestHost machine;
  private KvmHost host;

  @BeforeEach
  void switchOn() {
    NativeClient.requireLinux();
    machine = new TestHost();
    host = machine.kvm();
  }

  @AfterEach
  void switchOff() {
    if (machine != null) {
      machine.close();
    }
  }

  @Test
  void exitStatusIsTheProgramsOwn() throws Exception {
    assertThat(run("/bin/sh", "-c", "exit 3")).isEqualTo(3);
    assertThat(run("/bin/sh", "-c", "kill -KILL $$")).isEqualTo(128 + 9);
  }

  @Test
  void programsSeeTheDeviceAndTheModules() throws Exception {
    String probe =
        "test -c /dev/kvm && test -r /dev/kvm && test -d /sys/module/kvm_intel/parameters"
            + " && test ! -e /sys/module/kvm/parameters/none"
            + " && test \"$(cat /sys/module/kvm/parameters/tdp_mmu)\" = Y";
    assertThat(run("/bin/sh", "-c", probe)).isZero();
  }

  @Test
  void missingProgramIsNamed() {
    assertThatExceptionOfType(LendingException.class)
        .isThrownBy(() -> run("/no/such/program"))
        .withMessage(
            "cannot run /no/such/program: no such file, or its interpreter is missing (ENOENT)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "version",
        "anonymous",
        "memfd",
        "reuse",
        "again",
        "signal",
        "announced",
        "relative",
        "descriptors",
        "ring",
        "statistics",
        "no_bytes",
        "code_between_runs",
        "code_while_running",
        "unknown",
        "immediate",
        "sockets",
        "making",
        "storm",
        "moving",
        "remapped",
        "echo",
        "restart",
        "stopped",
        "threads"
      })
  void nativeClient(String test) throws Exception {
    List<String> command = NativeClient.command(test);
    assertThat(new Lender(host).run(command, NativeClient.ENVIRONMENT)).isZero();
    NativeClient.assertNothingLeft(host);
  }

  @ParameterizedTest
  @CsvSource({
    "probes.py, opened processors resolved examined listed linked named",
    "files.py, copies exec order allocation passed deaths shared_table",
    "memory.py, locked changing eventfds full taken interrupts forgotten",
    "signals.py, unblocked blocked none ignored halted kicked",
  })
  void script(String name, String tests) throws Exception {
    List<String> command = NativeClient.script(name, tests.split(" ", -1));
    try (Warnings warnings = new Warnings()) {
      assertThat(new Lender(host).run(command, NativeClient.ENVIRONMENT)).isZero();
      assertThat(warnings.said()).isEmpty();
    }
    NativeClient.assertNothingLeft(host);
  }

  /** What needs the rights of root: groups, and file systems mounted for the program alone. */
  @ParameterizedTest
  @CsvSource({
    "signals.py, crowded,",
    "backings.py, same_inode,",
    "backings.py, served, is on a file system that others serve",
  })
  void scriptWithRights(String name, String test, @Nullable String warning) throws Exception {
    assumeThat(System.getProperty("user.name")).as("file systems are mounted").isEqualTo("root");
    try (Warnings warnings = new Warnings()) {
      int status = new Lender(host).run(NativeClient.script(name, test), NativeClient.ENVIRONMENT);
      assumeThat(status).as("this machine lets root mount file systems").isNotEqualTo(NOT_ALLOWED);
      assertThat(status).isZero();
      if (warning == null) {
        assertThat(warnings.said()).isEmpty();
      } else {
        assertThat(warnings.said()).singleElement().asString().contains(warning);
      }
    }
    NativeClient.assertNothingLeft(host);
  }

  /** What is asked of the host passes; of guests, the processor answers. */
  @Test
  void permissionForStateComponents(@TempDir Path folder) throws Exception {
    Path lent = folder.resolve("lent");
    Path plain = folder.resolve("plain");
    String script = String.join(" ", NativeClient.script("files.py", "permission"));

    assertThat(run("/bin/sh", "-c", script + " >" + lent)).isZero();
    Process direct = new ProcessBuilder("/bin/sh", "-c", script + " direct >" + plain).start();

    assertThat(direct.waitFor()).isZero();
    assertThat(lent).hasSameTextualContentAs(plain).isNotEmptyFile();
  }

  @Test
  void anUnknownIoctlIsNamedOnce() throws Exception {
    try (Warnings warnings = new Warnings()) {
      assertThat(new Lender(host).run(NativeClient.command("named"), NativeClient.ENVIRONMENT))
          .isZero();
      assertThat(warnings.said())
          .containsExactly(
              "the program uses ioctl 0x0000aefd, which is none of KVM's that swtdx knows");
    }
  }

  @Test
  void aRefusedFilterIsExplained() {
    assertThat(Launch.refusal(16)).contains("sandbox", "one listener", "outside of it");
    assertThat(Launch.refusal(22)).contains("Linux 5.9 or newer");
    assertThat(Launch.refusal(38)).contains("Linux 5.9 or newer");
    assertThat(Launch.refusal(1)).contains("does not allow seccomp filters");
    assertThat(Launch.refusal(12)).isEqualTo("no seccomp listener: error 12");
  }

  @Test
  void staticProgramsFindTheDevice(@TempDir Path folder) throws Exception {
    Path gcc = Path.of("/usr/bin/gcc");
    Packages.require(gcc, "gcc");
    Path source = folder.resolve("static.c");
    Files.writeString(
        source,
        """
        #include <fcntl.h>
        #include <sys/ioctl.h>
        int main(void) {
          int kvm = open("/dev/kvm", O_RDWR);
          int vm = ioctl(kvm, 0xae01, 0L);
          int vcpu = ioctl(vm, 0xae41, 0L);
          return ioctl(kvm, 0xae00, 0L) == 12 && vm >= 0 && vcpu >= 0 ? 42 : 1;
        }
        """);
    Path program = folder.resolve("static");
    Process compiler =
        new ProcessBuilder(gcc.toString(), "-static", "-o", program.toString(), source.toString())
            .inheritIO()
            .start();
    assertThat(compiler.waitFor()).as("gcc -static").isZero();

    assertThat(run(program.toString())).isEqualTo(42);
    NativeClient.assertNothingLeft(host);
  }

  @Test
  void killedProgramLeavesNothingBehind() throws Exception {
    String spin = String.join(" ", NativeClient.command("spin"));
    String killed = spin + " >/dev/null & sleep 1; kill -KILL $!; wait";
    assertThat(run("/bin/sh", "-c", killed)).isZero();
    NativeClient.assertNothingLeft(host);
  }

  private int run(String... command) throws Exception {
    return new Lender(host).run(List.of(command), NativeClient.ENVIRONMENT);
  }
}
