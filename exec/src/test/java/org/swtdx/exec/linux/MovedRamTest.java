package org.swtdx.exec.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MovedRamTest {
  private static final long BASE = 0x7f00_0000_0000L;

  private final MovedRam moved = new MovedRam();

  @AfterEach
  void close() {
    moved.close();
  }

  private long move(long from, long to) throws Exception {
    moved.fileFor(BASE + from, BASE + to);
    long offset = moved.place(BASE + from, BASE + to);
    moved.moved();
    return offset;
  }

  @Test
  void neighboursOnBothSidesShareAFile() throws Exception {
    NamelessFile file = moved.fileFor(BASE + 0x4000, BASE + 0x6000);
    long first = moved.place(BASE + 0x4000, BASE + 0x6000);
    moved.moved();

    assertThat(moved.fileFor(BASE + 0x6000, BASE + 0x7000)).isSameAs(file);
    moved.moved();
    assertThat(move(0x6000, 0x7000)).isEqualTo(first + 0x2000);
    assertThat(move(0x1000, 0x4000)).isEqualTo(first - 0x3000);
    assertThat(move(0x7000, 0x8000)).isEqualTo(first + 0x3000);
    assertThat(file.size()).isEqualTo(first + 0x4000);
    assertThat(moved.fileFor(BASE, BASE + 0x1000)).isSameAs(file);
  }

  /** A folder in memory may be small, or allow no code to be mapped: in containers it is so. */
  @Test
  void noFileSystemBoundsTheMemory() throws Exception {
    NamelessFile file = moved.fileFor(BASE, BASE + 0x1000);

    assertThat(Files.readSymbolicLink(Path.of("/proc/self/fd/" + file.ours())).toString())
        .startsWith("/memfd:");
  }

  @Test
  void whatWasUsedOrIsFarAwayGetsAnotherFile() throws Exception {
    NamelessFile file = moved.fileFor(BASE + 0x4000, BASE + 0x6000);
    moved.place(BASE + 0x4000, BASE + 0x6000);
    moved.moved();

    NamelessFile inside = moved.fileFor(BASE + 0x5000, BASE + 0x6000);
    assertThat(inside).isNotSameAs(file);
    moved.place(BASE + 0x5000, BASE + 0x6000);
    moved.moved();
    assertThat(moved.fileFor(BASE + 0x9000, BASE + 0xa000)).isNotSameAs(inside);
  }

  @Test
  void whatWasLeftHalfDoneIsNotContinued() throws Exception {
    NamelessFile file = moved.fileFor(BASE, BASE + 0x1000);
    moved.place(BASE, BASE + 0x1000);

    assertThat(moved.fileFor(BASE + 0x1000, BASE + 0x2000)).isNotSameAs(file);
  }

  /** The process may map and unmap memory until its threads have stopped. */
  @Test
  void memoryThatTurnsOutToBeElsewhereIsPutWhereNothingWas() throws Exception {
    long first = move(0x4000, 0x6000);
    moved.fileFor(BASE + 0x6000, BASE + 0x7000);

    long other = moved.place(BASE + 0x5000, BASE + 0x7000);
    moved.moved();

    assertThat(other).isEqualTo(first + 0x2000);
    assertThat(move(0x7000, 0x8000)).isEqualTo(other + 0x2000);
    NamelessFile file = moved.fileFor(BASE + 0x8000, BASE + 0x9000);
    moved.moved();
    assertThat(moved.fileFor(BASE + 0x4000, BASE + 0x5000))
        .as("below it is what was moved first")
        .isNotSameAs(file);
  }
}
