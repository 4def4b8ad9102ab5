package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checked-in machine code is what its source says, by GNU as and ld. */
class GuestCodeTest {
  @TempDir private Path folder;

  @Test
  void theTdsCodeIsWhatItsSourceSays() throws Exception {
    assertThat(assemble("td-conversion", "--64", "elf_x86_64", "0"))
        .isEqualTo(GuestCode.TD_CONVERSION);
  }

  @Test
  void theVmsCodeIsWhatItsSourceSays() throws Exception {
    assertThat(assemble("vm-conversion", "--32", "elf_i386", "0x1000"))
        .isEqualTo(GuestCode.VM_CONVERSION);
  }

  private byte[] assemble(String name, String width, String format, String origin)
      throws IOException, InterruptedException {
    boolean there = Files.isExecutable(Path.of("/usr/bin/as"));
    if (!there && Boolean.parseBoolean(System.getenv("CI"))) {
      fail("as is missing; install the Debian package binutils");
    }
    assumeTrue(there, "as is missing; install the Debian package binutils");
    Path here = Path.of("").toAbsolutePath();
    Path module = here.endsWith("kvm") ? here : here.resolve("kvm");
    Path source = module.resolve("src/test/guest").resolve(name + ".s");
    Path object = folder.resolve(name + ".o");
    Path binary = folder.resolve(name + ".bin");
    run("as", width, "-o", object.toString(), source.toString());
    run(
        "ld",
        "-m",
        format,
        "-Ttext=" + origin,
        "--oformat=binary",
        "-e",
        origin,
        "-o",
        binary.toString(),
        object.toString());
    return Files.readAllBytes(binary);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
