package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's QEMU, unmodified, with a firmware of a few bytes. */
@Timeout(180)
final class QemuTest {
  private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
  private static final int SIZE = 1 << 16;

  /** mov dx, 0xe9; mov al, 'K'; out dx, al; mov al, 0x15; out 0xf4, al; hlt; jmp $. */
  private static final byte[] CODE = HexFormat.of().parseHex("bae900b04beeb015e6f4f4ebfe");

  /** At the reset vector: jmp 0xf000:0. */
  private static final byte[] RESET = HexFormat.of().parseHex("ea000000f0");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"on", "split", "off"})
  void bootsWithEachInterruptController(String irqchip) throws Exception {
    Packages.require(QEMU, "qemu-system-x86");
    byte[] image = new byte[SIZE];
    System.arraycopy(CODE, 0, image, 0, CODE.length);
    System.arraycopy(RESET, 0, image, SIZE - 16, RESET.length);
    Path firmware = Files.write(folder.resolve("firmware.bin"), image);
    Path console = folder.resolve("console");

    List<String> command = new ArrayList<>(List.of(QEMU.toString(), "-accel", "kvm"));
    command.addAll(List.of("-machine", "q35,kernel-irqchip=" + irqchip, "-cpu", "host"));
    command.addAll(List.of("-smp", "2", "-m", "64M", "-nodefaults", "-display", "none"));
    command.addAll(List.of("-bios", firmware.toString()));
    command.addAll(List.of("-debugcon", "file:" + console));
    command.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4"));
    try (TestHost host = new TestHost()) {
      int status = new Lender(host.kvm()).run(command, Map.of("PATH", "/usr/bin:/bin"));

      assertThat(status).isEqualTo(0x15 << 1 | 1);
      assertThat(Files.readString(console)).isEqualTo("K");
      assertThat(host.kvm().outstandingFrames()).isZero();
    }
  }
}
