package org.swtdx.cpu.silicon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SiliconComparisonTest {
  private static final int CASES = 150_000;
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
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                SiliconComparison.class.getName(),
                Integer.toString(CASES),
                Long.toString(SEED))
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("0 opcodes differ");
  }
}
