package org.swtdx.cpu.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SiliconComparisonTest {
  private static final boolean CI = Boolean.parseBoolean(System.getenv("CI"));

  /** The same cases everywhere; a slow machine ends before it has run them all. */
  private static final int CASES = CI ? 1_500_000 : 300_000;

  private static final int SECONDS = CI ? 110 : 30;
  private static final long SEED = 20_241_107;

  @Test
  void randomInstructionsEndInTheSameStateAsOnTheProcessorUnderneath()
      throws IOException, InterruptedException {
    assumeTrue(HostFeatures.usable(), "needs Linux on x86-64 with AVX");

    // In a process of its own: a mistake in generated code must not take the other tests with it.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dsilicon.seconds=" + SECONDS,
                "-cp",
                System.getProperty("java.class.path"),
                SiliconComparison.class.getName(),
                Integer.toString(CASES),
                Long.toString(SEED))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("of them sequences", " 0 opcodes differ")
        .doesNotContain("\n0 cases");
  }
}
