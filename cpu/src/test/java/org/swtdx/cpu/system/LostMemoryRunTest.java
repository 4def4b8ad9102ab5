package org.swtdx.cpu.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.cpu.ExitReason;

/** A guest whose memory is a file's, which is shortened. */
@Timeout(20)
final class LostMemoryRunTest {
  private static final int MACHINE_CHECK = 0x8000_0312;

  @Test
  void anAccessExitsWithAMachineCheck(@TempDir Path folder) throws IOException {
    assumeThat(System.getProperty("os.name")).as("memory can be a file's").isEqualTo("Linux");
    Path name = folder.resolve("memory");
    try (GuestMachine m = new GuestMachine().protected32();
        FileChannel file =
            FileChannel.open(
                name,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(4096));
      m.redirect(GuestMachine.DATA, m.memory.attach(descriptor(name), 0, 4096, true).value());
      for (int i = 0; i < 2000; i++) {
        file.truncate(0);
        // again: inc dword [DATA]; jmp again
        m.state().setRip(GuestMachine.CODE);
        assertThat(m.run("ff05 00000400 ebf8")).isEqualTo(ExitReason.EXCEPTION_OR_NMI.number());
        assertThat(m.processor.exit().interruptionInfo).isEqualTo(MACHINE_CHECK);

        file.write(ByteBuffer.allocate(4096), 0);
        m.state().setRip(GuestMachine.CODE);
        assertThat(m.run("ff05 00000400 0fa2")).isEqualTo(ExitReason.CPUID.number());
        ByteBuffer word = ByteBuffer.allocate(1);
        file.read(word, 0);
        assertThat(word.get(0)).isEqualTo((byte) 1);
      }
    }
  }

  /** The number of the descriptor that this process has open for a file. */
  private static int descriptor(Path name) throws IOException {
    Path wanted = name.toRealPath();
    try (var links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : links) {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(wanted)) {
          return Integer.parseInt(link.getFileName().toString());
        }
      }
    }
    throw new AssertionError("not open: " + wanted);
  }
}
