package org.swtdx.cpu.silicon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What the processor underneath has.
 *
 * @param complete whether it has every extension that our engine offers to user mode
 * @param deferredErrorsAgree whether x87 results under unmasked exceptions are compared; where the
 *     manuals leave room the engine follows the processors it was compared with
 */
record HostFeatures(boolean complete, boolean deferredErrorsAgree) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");
  private static final List<String> OURS =
      List.of(
          "sse4_2",
          "aes",
          "pclmulqdq",
          "sha_ni",
          "avx2",
          "fma",
          "f16c",
          "movbe",
          "popcnt",
          "abm",
          "bmi1",
          "bmi2",
          "adx",
          "clflushopt",
          "clwb");

  /** Whether the comparison can run at all: Linux on x86-64 with AVX state to save. */
  static boolean usable() throws IOException {
    return System.getProperty("os.arch").equals("amd64")
        && Files.isReadable(CPUINFO)
        && flags().containsAll(List.of("xsave", "avx"));
  }

  static HostFeatures detect() throws IOException {
    boolean amd = Files.readString(CPUINFO).contains("AuthenticAMD");
    return new HostFeatures(flags().containsAll(OURS), amd);
  }

  private static Set<String> flags() throws IOException {
    return Files.readAllLines(CPUINFO).stream()
        .filter(line -> line.startsWith("flags"))
        .findFirst()
        .map(line -> Set.of(line.substring(line.indexOf(':') + 1).trim().split(" ")))
        .orElse(Set.of());
  }
}
