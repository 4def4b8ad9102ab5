package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final String PYTHON = "/usr/bin/python3";

  private TestHost machine;
  private KvmHost host;

  @BeforeEach
  void switchOn() {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    assumeThat(System.getProperty("os.arch")).isEqualTo("amd64");
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
        "signal",
        "descriptors",
        "statistics",
        "no_bytes",
        "unknown"
      })
  void nativeClient(String test) throws Exception {
    assertThat(run(PYTHON, client(), test)).isZero();
    assertNothingLeft();
  }

  @Test
  void killedProgramLeavesNothingBehind() throws Exception {
    String killed = PYTHON + " " + client() + " spin >/dev/null & sleep 1; kill -KILL $!; wait";
    assertThat(run("/bin/sh", "-c", killed)).isZero();
    assertNothingLeft();
  }

  private int run(String... command) throws Exception {
    return new Lender(host).run(List.of(command), Map.of("PATH", "/usr/bin:/bin"));
  }

  private static String client() throws URISyntaxException {
    assumeThat(Files.isExecutable(Path.of(PYTHON))).as("package python3").isTrue();
    return Path.of(Objects.requireNonNull(LenderTest.class.getResource("client.py")).toURI())
        .toString();
  }

  private void assertNothingLeft() throws IOException {
    assertThat(host.outstandingFrames()).isZero();
    assertThat(host.outstandingKeyIds()).isZero();
    try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
      assertThat(descriptors.map(LenderTest::target).filter(t -> t.startsWith("/dev/shm/#")))
          .isEmpty();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
