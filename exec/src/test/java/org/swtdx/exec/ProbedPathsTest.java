package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbedPathsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"/dev/kvm", "/dev/../dev/kvm", "//dev//kvm", "/x/./../dev/kvm", "/../dev/kvm"})
  void theDevice(String path) {
    assertThat(ProbedPaths.find(path)).containsInstanceOf(ProbedPaths.Device.class);
  }

  @Test
  void parametersOfBothModules() {
    assertThat(ProbedPaths.find("/sys/module/kvm_intel/parameters/tdx"))
        .contains(new ProbedPaths.Parameter("/sys/module/kvm_intel/parameters/tdx", "Y\n"));
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/force_emulation_prefix"))
        .contains(
            new ProbedPaths.Parameter("/sys/module/kvm/parameters/force_emulation_prefix", "0\n"));
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/tdx"))
        .containsInstanceOf(ProbedPaths.Absent.class);
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters/"))
        .containsInstanceOf(ProbedPaths.Folder.class);
  }

  @Test
  void foldersNameTheirParameters() {
    assertThat(ProbedPaths.find("/sys/module/kvm_intel"))
        .contains(new ProbedPaths.Folder("/sys/module/kvm_intel", List.of("parameters")));
    assertThat(ProbedPaths.find("/sys/module/kvm/parameters").orElseThrow())
        .isInstanceOfSatisfying(
            ProbedPaths.Folder.class,
            folder -> assertThat(folder.names()).contains("halt_poll_ns", "tdp_mmu").isSorted());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "kvm",
        "/dev/kvmx",
        "/dev/null",
        "/sys/module/kvm_amd/parameters/sev",
        "/",
        "dev/kvm",
        "/\u00e9/kvm"
      })
  void everythingElseIsTheKernels(String path) {
    assertThat(ProbedPaths.find(path)).isEmpty();
  }
}
