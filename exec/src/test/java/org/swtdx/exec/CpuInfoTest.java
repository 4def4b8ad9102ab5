package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CpuInfoTest {
  @Test
  void everyProcessorHasTheFlagsOfAHostOnce() {
    String text = "processor\t: 0\nflags\t\t: fpu vme\nvmx flags\t: vnmi\n\nflags\t\t: fpu vmx\n\n";

    assertThat(CpuInfo.withFlags(text))
        .isEqualTo(
            """
            processor\t: 0
            flags\t\t: fpu vme vmx tdx_host_platform
            vmx flags\t: vnmi

            flags\t\t: fpu vmx tdx_host_platform

            """);
  }

  @Test
  void whatHasNoFlagsStays() {
    assertThat(CpuInfo.withFlags("bogomips\t: 1\n")).isEqualTo("bogomips\t: 1\n");
    assertThat(CpuInfo.withFlags("")).isEmpty();
  }
}
