package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.kvm.KvmHost;

/** Native programs, as they come, on a KVM that they believe to be the kernel's. */
@Timeout(120)
final class LenderTest {
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
        .withMessage("cannot run /no/such/program: no such program on the PATH (ENOENT)");
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
        "descriptors",
        "statistics",
        "no_bytes",
        "code_between_runs",
        "code_while_running",
        "unknown",
        "immediate",
        "sockets",
        "making"
      })
  void nativeClient(String test) throws Exception {
    List<String> command = NativeClient.command(test);
    assertThat(new Lender(host).run(command, NativeClient.ENVIRONMENT)).isZero();
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
