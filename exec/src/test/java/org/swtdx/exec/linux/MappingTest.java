package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MappingTest {
  @Test
  void linesOfTheKernelAreRead() {
    assertThat(
            Mapping.parse("7f1a2c000000-7f1a2c021000 rw-p 00000000 00:00 0                     "))
        .isEqualTo(
            new Mapping(0x7f1a2c000000L, 0x7f1a2c021000L, 3, false, 0, new FileId(0, 0), ""));
    assertThat(Mapping.parse("7f00-8f00 r-xs 0001f000 00:01 2053  /memfd:guest ram (deleted)"))
        .isEqualTo(
            new Mapping(
                0x7f00,
                0x8f00,
                5,
                true,
                0x1f000,
                new FileId(1, 2053),
                "/memfd:guest ram (deleted)"));
    assertThat(Mapping.parse("7f00-8f00 rw-s 00000000 00:1a 77   /dev/shm/#77 (deleted)"))
        .isEqualTo(
            new Mapping(
                0x7f00, 0x8f00, 3, true, 0, new FileId(0x1a, 77), "/dev/shm/#77 (deleted)"));
  }

  @Test
  void theKernelAnswersAsItWrites() throws IOException {
    int self = (int) ProcessHandle.current().pid();
    try (NamelessFile file = NamelessFile.create(0x3000, NamelessFile.Access.NONE)) {
      MemorySegment mapped = file.map();
      long start = mapped.address();
      long end = start + 0x3000;
      List<Mapping> written = new ArrayList<>();
      Mapping.read(Path.of("/proc/self/maps"), start, end, written);

      // What the JVM's other threads map beside it is left out: it may change meanwhile.
      assertThat(Mapping.of(self, start, end)).isEqualTo(written);
      assertThat(Mapping.of(self, start + 0x1000, start + 0x2000)).isEqualTo(written);
      assertThat(written)
          .containsExactly(
              new Mapping(start, end, 3, true, 0, file.id(), written.getFirst().name()))
          .allMatch(Mapping::isUnreachable);
      assertThat(Mapping.of(self, start - 0x1000, start)).noneMatch(written::contains);
      assertThat(Mapping.of(self, end, end + 0x1000)).noneMatch(written::contains);
      assertThat(Mapping.of(self, 0, 0x1000)).isEmpty();
      NamelessFile.unmap(mapped);
    }
    assertThatIOException().isThrownBy(() -> Mapping.of(-1, 0, 1));
  }
}
