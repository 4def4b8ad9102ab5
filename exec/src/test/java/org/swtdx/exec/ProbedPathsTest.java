package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbedPathsTest {
  @ParameterizedTest
  @ValueSource(strings = {"/dev/kvm", "/dev/../dev/kvm", "/dev//kvm"})
  void theDevice(String path) {
    assertThat(ProbedPaths.find(path)).containsInstanceOf(ProbedPaths.Device.class);
  }

  @Test
  void parametersOfBothModules() {
    assertThat(ProbedPaths.find("/sys/module/kvm_intel/parameters/tdx"))
        .contains(new ProbedPaths.Parameter("Y\n"));
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/force_emulation_prefix"))
        .contains(new ProbedPaths.Parameter("0\n"));
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/tdx"))
        .containsInstanceOf(ProbedPaths.Absent.class);
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/"))
        .containsInstanceOf(ProbedPaths.Folder.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "kvm", "/dev/kvmx", "/dev/null", "/sys/module/kvm_amd/parameters/sev", "/"})
  void everythingElseIsTheKernels(String path) {
    assertThat(ProbedPaths.find(path)).isEmpty();
  }
}
