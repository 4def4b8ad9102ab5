package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks' kernels compute the same natively and as a guest. */
class GuestKernelsTest {
  private static final int KERNELS = 6;

  @TempDir private Path folder;

  @BeforeAll
  static void compiler() {
    TestGuests.requireCompiler();
  }

  private static List<String> sums(Stream<String> lines) {
    return lines
        .map(line -> line.split(" "))
        .map(fields -> String.join(" ", List.of(fields).subList(0, 3)))
        .toList();
  }

  private List<String> guest(Path image) throws IOException {
    Path console = folder.resolve("console");
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--type",
            "default",
            "--memory",
            "64M",
            "--kernel",
            image.toString(),
            "--serial",
            "file:" + console,
            "--timeout",
            "120s");
    assertThat(run.status()).as(run.err()).isEqualTo(1);
    return sums(Files.readAllLines(console, US_ASCII).stream());
  }

  private static List<String> natively(Path program) throws IOException {
    Process process = new ProcessBuilder(program.toString()).start();
    return sums(new String(process.getInputStream().readAllBytes(), US_ASCII).lines());
  }

  @Test
  void ourKernels() throws IOException, InterruptedException {
    Path sources = TestGuests.sources().resolve("../../../../bench/guest").normalize();
    Path wrapper = folder.resolve("build");
    Files.writeString(wrapper, "SCALE=200 exec sh " + sources.resolve("build.sh") + " \"$1\"\n");
    TestGuests.script(wrapper, folder.toString());

    assertThat(guest(folder.resolve("guest.elf")))
        .hasSize(KERNELS)
        .isEqualTo(natively(folder.resolve("native")));
  }

  @Test
  void sharedKernels() throws IOException, InterruptedException {
    Path shared = null;
    for (Path at = Path.of("").toAbsolutePath();
        at != null && shared == null;
        at = at.getParent()) {
      Path candidate = at.resolve("shared/bench");
      shared = Files.exists(candidate.resolve("klist.h")) ? candidate : null;
    }
    assumeTrue(shared != null, "no shared/bench beside the checkout");
    Path wrapper = folder.resolve("build");
    Files.writeString(
        wrapper,
        """
        set -e
        cp %s/* "$1"
        cd "$1"
        SCALE=200 sh build.sh >build.log 2>&1
        gcc -O2 -fno-pie -no-pie -DNATIVE -DSCALE=200 -Wl,-Ttext-segment=0x40000000 \\
          main.c kernels.o ksse.o -o native
        """
            .formatted(shared));
    TestGuests.script(wrapper, folder.toString());

    assertThat(guest(folder.resolve("guest.elf")))
        .hasSize(KERNELS)
        .isEqualTo(natively(folder.resolve("native")));
  }
}
