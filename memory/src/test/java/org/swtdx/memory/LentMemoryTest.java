package org.swtdx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.memory.seam.PhysicalBus;

final class LentMemoryTest {
  private static final long SIZE = 1 << 24;

  @TempDir Path folder;

  @BeforeEach
  void onLinux() {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
  }

  @Test
  void bytesAreSharedBothWays() throws IOException {
    try (PhysicalMemory memory = memory();
        FileChannel file = file(3 << 20)) {
      Hpa range = memory.attach(descriptor("lent"), 0x1000, 2 << 20, true);
      memory.host().write64(new Hpa(range.value() + 8), 0x1122334455667788L);
      assertThat(read(file, 0x1008)).isEqualTo(0x1122334455667788L);

      write(file, 0x2000, 42);
      assertThat(memory.host().read64(new Hpa(range.value() + 0x1000))).isEqualTo(42);
      assertThat(range.value() & (2 << 20) - 1).isZero();
    }
  }

  @Test
  void whatIsNotSharedLeavesTheFileAsItIs() throws IOException {
    try (PhysicalMemory memory = memory();
        FileChannel file = file(1 << 20)) {
      write(file, 8, 42);
      Hpa range = memory.attach(descriptor("lent"), 0, 1 << 20, false);
      memory.host().write64(range, 7);

      assertThat(memory.host().read64(range)).isEqualTo(7);
      assertThat(memory.host().read64(new Hpa(range.value() + 8))).isEqualTo(42);
      assertThat(read(file, 0)).isZero();
    }
  }

  @Test
  void detachedFramesAreZerosAndTheFileKeepsItsBytes() throws IOException {
    try (PhysicalMemory memory = memory();
        FileChannel file = file(1 << 20)) {
      long before = memory.frames().allocatedFrames();
      Hpa range = memory.attach(descriptor("lent"), 0, 1 << 20, true);
      memory.host().write64(range, 7);
      memory.detach(range, 1 << 20);

      assertThat(memory.frames().allocatedFrames()).isEqualTo(before);
      assertThat(memory.host().read64(range)).isZero();
      assertThat(read(file, 0)).isEqualTo(7);
    }
  }

  @Test
  void detachingTakesBackNativeAddressesAndStalesCode() throws IOException {
    try (PhysicalMemory memory = memory();
        FileChannel _ = file(1 << 20)) {
      Hpa range = memory.attach(descriptor("lent"), 0, 1 << 20, true);
      PhysicalBus bus = PhysicalBus.of(memory);
      int generation = bus.markCode(range.value());
      assertThat(bus.codeFrame(range.value()).lent).isTrue();
      bus.map(range.value(), false);
      long[] dropped = {-1};
      bus.addListener(hpa -> dropped[0] = hpa);

      memory.detach(range, 1 << 20);

      assertThat(bus.codeFrame(range.value()).lent).isFalse();
      assertThat(dropped[0]).isEqualTo(range.value());
      assertThat(bus.codeFrame(range.value()).generation).isNotEqualTo(generation);
    }
  }

  @Test
  void failuresLeaveNoFrameBehind() throws IOException {
    try (PhysicalMemory memory = memory()) {
      long before = memory.frames().allocatedFrames();

      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> memory.attach(1 << 20, 0, 1 << 20, true))
          .withMessageContaining("descriptor");
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> memory.attach(0, 0, 1L << 40, true))
          .withMessageContaining("no room");
      assertThat(memory.frames().allocatedFrames()).isEqualTo(before);
    }
  }

  private static PhysicalMemory memory() {
    return PhysicalMemory.create(PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), SIZE)));
  }

  private FileChannel file(int size) throws IOException {
    FileChannel file =
        FileChannel.open(
            folder.resolve("lent"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    file.write(ByteBuffer.allocate(1), size - 1L);
    return file;
  }

  /** The number of the descriptor that this process has open for a file of the folder. */
  private int descriptor(String name) throws IOException {
    Path wanted = folder.resolve(name).toRealPath();
    try (var links = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path link : links) {
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(wanted)) {
          return Integer.parseInt(link.getFileName().toString());
        }
      }
    }
    throw new AssertionError("not open: " + wanted);
  }

  private static long read(FileChannel file, long at) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    file.read(bytes, at);
    return bytes.getLong(0);
  }

  private static void write(FileChannel file, long at, long value) throws IOException {
    file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value), at);
  }
}
