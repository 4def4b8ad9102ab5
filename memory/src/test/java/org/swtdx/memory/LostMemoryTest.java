package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class CutOffMemoryTest {
  /** So often that the JVM compiles it: what is compiled looks for errors later. */
  private static final int ACCESSES = 30_000;

  @Test
  void theErrorComesWhenItIsAskedFor() throws IOException {
    try (NamelessFile file = NamelessFile.create(0x1000, NamelessFile.Access.NONE)) {
      MemorySegment memory = file.map();
      Syscall.call(Syscall.FTRUNCATE, file.ours(), 0);
      for (int i = 0; i < ACCESSES; i++) {
        access(memory, i);
      }
      NamelessFile.unmap(memory);
    }
  }

  private static void access(MemorySegment memory, int number) {
    try {
      byte read = memory.get(ValueLayout.JAVA_BYTE, 1);
      CutOffMemory.check();
      fail("access %d gave %d and no error", number, read);
    } catch (InternalError e) {
      assertThat(CutOffMemory.isCauseOf(e)).isTrue();
    }
  }

  @Test
  void otherErrorsAreNotOfIt() {
    assertThat(CutOffMemory.isCauseOf(new InternalError())).isFalse();
    assertThat(CutOffMemory.isCauseOf(new InternalError("out of ideas"))).isFalse();
  }
}
