package org.swtdx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LostMemoryTest {
  /** So often that the JVM compiles it: what is compiled looks for errors later. */
  private static final int ACCESSES = 30_000;

  @Test
  void theErrorComesWhenItIsAskedFor(@TempDir Path folder) throws IOException {
    assumeThat(System.getProperty("os.name")).as("files in use can shrink").isEqualTo("Linux");
    try (Arena arena = Arena.ofConfined();
        FileChannel file =
            FileChannel.open(
                folder.resolve("file"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      MemorySegment memory = file.map(MapMode.READ_WRITE, 0, 4096, arena);
      file.truncate(0);
      for (int i = 0; i < ACCESSES; i++) {
        access(memory, i);
      }
    }
  }

  private static void access(MemorySegment memory, int number) {
    try {
      byte read = memory.get(ValueLayout.JAVA_BYTE, 1);
      LostMemory.check();
      fail("access %d gave %d and no error", number, read);
    } catch (InternalError e) {
      assertThat(LostMemory.isCauseOf(e)).isTrue();
    }
  }

  @Test
  void otherErrorsAreNotOfIt() {
    assertThat(LostMemory.isCauseOf(new InternalError())).isFalse();
    assertThat(LostMemory.isCauseOf(new InternalError("out of ideas"))).isFalse();
  }
}
