package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.swtdx.memory.LostMemory;

/** Pages that KVM and a process share, of a file that the process has shortened. */
final class LostPagesTest {
  /** So many that the JVM compiles what is called. */
  private static final int CALLS = 20_000;

  @TempDir private Path folder;

  @BeforeEach
  void onLinux() {
    assumeThat(System.getProperty("os.name")).as("files in use can shrink").isEqualTo("Linux");
  }

  private MemorySegment lost(Arena arena, long bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("pages"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      MemorySegment pages = file.map(MapMode.READ_WRITE, 0, bytes, arena);
      file.truncate(0);
      return pages;
    }
  }

  @Test
  void noWriteIsCollected() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      CoalescedRing ring = new CoalescedRing(lost(arena, 3 * 4096));
      for (int i = 0; i < CALLS; i++) {
        assertThat(ring.add(i, 4, 0, true)).isFalse();
        LostMemory.check();
      }
    }
  }

  @Test
  void theDirtyRingFillsAndGetsNothingBack() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      DirtyRing ring = new DirtyRing(lost(arena, 1 << 16));
      for (int i = 0; i < CALLS; i++) {
        ring.push(0, i);
        LostMemory.check();
        assertThat(ring.reset((_, _) -> {})).isZero();
        LostMemory.check();
      }
      assertThat(ring.full()).isTrue();
    }
  }

  @Test
  void statisticsGoOn() throws IOException {
    Stats stats = new Stats(false);
    byte[] before = stats.image("vcpu");
    try (Arena arena = Arena.ofConfined()) {
      stats.showIn(lost(arena, 1 << 16));
      for (int i = 0; i < CALLS; i++) {
        stats.count(Stat.EXITS);
        LostMemory.check();
      }
    }
    assertThat(stats.image("vcpu")).isNotEqualTo(before);
  }
}
