package org.swtdx.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels that start without firmware, and ordinary VMs with it. */
class KernelCommandTest {
  private static final int LOAD = 0x100000;

  @TempDir private Path folder;

  /** A multiboot kernel that writes bytes to ports, a pair at a time. */
  private Path kernel(int... portsAndValues) throws IOException {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    for (int i = 0; i < portsAndValues.length; i += 2) {
      int port = portsAndValues[i];
      code.writeBytes(new byte[] {0x66, (byte) 0xba, (byte) port, (byte) (port >>> 8)});
      code.writeBytes(new byte[] {(byte) 0xb0, (byte) portsAndValues[i + 1], (byte) 0xee});
    }
    code.writeBytes(new byte[] {(byte) 0xf4, (byte) 0xeb, (byte) 0xfd});
    ByteBuffer file = ByteBuffer.allocate(32 + code.size()).order(ByteOrder.LITTLE_ENDIAN);
    file.putInt(0x1badb002).putInt(0x10000).putInt(-(0x1badb002 + 0x10000));
    file.putInt(LOAD).putInt(LOAD).putInt(0).putInt(0).putInt(LOAD + 32).put(code.toByteArray());
    Path path = folder.resolve("kernel.bin");
    Files.write(path, file.array());
    return path;
  }

  private CommandLineRun run(Path kernel, String... more) {
    List<String> args = new ArrayList<>(List.of("run", "--type", "default", "--memory", "32M"));
    args.addAll(List.of("--kernel", kernel.toString(), "--timeout", "60s"));
    args.addAll(Arrays.asList(more));
    return CommandLineRun.of(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "split"})
  void aKernelWritesToItsConsolesAndEndsTheRun(String irqchip) throws IOException {
    Path console = folder.resolve("console");
    Path kernel = kernel(0x3f8, 'A', 0xe9, 'B', 0xf4, 5);

    CommandLineRun run = run(kernel, "--irqchip", irqchip, "--serial", "file:" + console);

    assertThat(run.status()).as(run.err()).isEqualTo(11);
    assertThat(Files.readString(console, US_ASCII)).isEqualTo("AB");
    assertThat(run.err()).contains("the guest ended the run with value 0x5", "(0 leaked)");
  }

  @Test
  void theDebugConsoleCanGoElsewhere() throws IOException {
    Path console = folder.resolve("console");
    Path debug = folder.resolve("debug");
    Path kernel = kernel(0x3f8, 'A', 0xe9, 'B', 0xf4, 0);

    CommandLineRun run = run(kernel, "--serial", "file:" + console, "--debugcon", "file:" + debug);

    assertThat(run.status()).as(run.err()).isEqualTo(1);
    assertThat(Files.readString(console, US_ASCII)).isEqualTo("A");
    assertThat(Files.readString(debug, US_ASCII)).isEqualTo("B");
  }

  @Test
  void aFailedLaunchLeavesNoSummaryAndASuccessfulOneDoes() throws IOException {
    Path json = folder.resolve("run.json");
    Path broken = folder.resolve("broken");
    Files.write(broken, new byte[100]);

    CommandLineRun run = run(broken, "--serial", "null", "--json", json.toString());
    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err()).contains("neither a Linux bzImage nor a multiboot or PVH kernel");
    assertThat(json).doesNotExist();

    Files.writeString(json, "kept");
    run(broken, "--serial", "null", "--json", json.toString());
    assertThat(json).hasContent("kept");

    run(kernel(0xf4, 1), "--serial", "null", "--json", json.toString());
    assertThat(Files.readString(json)).contains("\"exitStatus\" : 3", "kernel.bin");
  }

  @Test
  void aTrustDomainIsNotStartedWithoutFirmware() throws IOException {
    CommandLineRun run =
        CommandLineRun.of("run", "--kernel", kernel(0xf4, 0).toString(), "--memory", "32M");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err())
        .contains("a Trust Domain starts in firmware; add --firmware FILE, or take --type default");
  }

  @Test
  void kernelOptionsNeedAKernel() {
    CommandLineRun run = CommandLineRun.of("run", "--type", "default", "--append", "x");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err()).contains("--kernel FILE");
  }

  @Test
  void modulesAreSeparatedByCommas() {
    assertThat(KernelOptions.split("a b,c,,d")).containsExactly("a b", "c,d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "split"})
  void debianOvmfStartsInAnOrdinaryVm(String irqchip) {
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--type",
            "default",
            "--irqchip",
            irqchip,
            "--firmware",
            DebianOvmf.require().toString(),
            "--memory",
            "256M",
            "--serial",
            "null",
            "--until",
            "UEFI Interactive Shell",
            "--timeout",
            "240s");

    assertThat(run.status()).as(run.err()).isZero();
  }
}
