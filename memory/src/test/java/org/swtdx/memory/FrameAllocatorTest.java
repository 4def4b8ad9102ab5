package org.swtdx.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.memory.seam.PhysicalBus;

final class FrameAllocatorTest {
  private static final long MIB = 1 << 20;
  private static final PhysicalAddressLayout LAYOUT = PhysicalAddressLayout.DEFAULT;

  // 0 to 4 MiB, and 31 frames that begin and end inside a word of the bitmap
  private final PhysicalMemory memory =
      PhysicalMemory.create(
          LAYOUT,
          List.of(new Cmr(new Hpa(0), 4 * MIB), new Cmr(new Hpa(16 * MIB + 0x3000), 31 << 12)));
  private final FrameAllocator frames = memory.frames();
  private final long all = 1024 - 1 + 31;

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void everyFrameOfTheRangesIsHandedOutOnceAndZeroNever() {
    Set<Hpa> seen = new HashSet<>();
    for (Optional<Hpa> frame = frames.allocate(); frame.isPresent(); frame = frames.allocate()) {
      assertThat(seen.add(frame.get())).isTrue();
    }

    assertThat(seen).hasSize((int) all).doesNotContain(new Hpa(0));
    assertThat(frames.allocatedFrames()).isEqualTo(all);
    assertThat(frames.freeFrames()).isZero();
    seen.forEach(frames::free);
    assertThat(frames.allocatedFrames()).isZero();
    assertThat(frames.freeFrames()).isEqualTo(all);
  }

  @Test
  void frameIsZeroForTheHostWhateverItHeld() {
    PhysicalBus bus = PhysicalBus.of(memory);
    Hpa frame = frames.allocate().orElseThrow();
    long keyed = LAYOUT.keyed(frame.value(), LAYOUT.firstTdxKeyId());
    bus.initialize(keyed, 4096);
    bus.store(keyed + 8, 8, 5);
    frames.free(frame);

    assertThat(frames.allocate()).contains(frame);
    byte[] content = new byte[4096];
    memory.host().read(frame, content, 0, 4096);
    assertThat(content).containsOnly(0);
    assertThat(bus.map(frame.value(), true)).isPositive();
  }

  @Test
  void doubleFreeAndStrangeFramesAreRefused() {
    Hpa frame = frames.allocate().orElseThrow();
    frames.free(frame);

    assertThatIllegalStateException().isThrownBy(() -> frames.free(frame));
    assertThatIllegalStateException().isThrownBy(() -> frames.free(new Hpa(0)));
    assertThatIllegalStateException().isThrownBy(() -> frames.free(new Hpa(8 * MIB)));
    assertThatIllegalStateException().isThrownBy(() -> frames.free(new Hpa(1L << 40)));
    assertThatIllegalArgumentException().isThrownBy(() -> frames.free(new Hpa(0x1008)));
    assertThat(frames.allocatedFrames()).isZero();
    assertThat(frames.freeFrames()).isEqualTo(all);
  }

  @Test
  void rangeIsNotGivenBackWhenPartOfItIsFree() {
    Hpa range = frames.allocateContiguous(4, 4096).orElseThrow();
    frames.free(range.plus(8192));

    assertThatIllegalStateException().isThrownBy(() -> frames.freeContiguous(range, 4));
    assertThat(frames.allocatedFrames()).isEqualTo(3);
  }

  @Test
  void largePagesAreAlignedAndEndWhenFragmented() {
    Hpa large = frames.allocateContiguous(512, 2 * MIB).orElseThrow();
    assertThat(large).isEqualTo(new Hpa(2 * MIB));
    assertThat(frames.allocateContiguous(512, 2 * MIB)).as("frame 0 is never used").isEmpty();

    frames.freeContiguous(large, 512);

    assertThat(frames.allocateContiguous(512, 2 * MIB)).contains(large);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1})
  void emptyRangesAreRefused(long count) {
    assertThatIllegalArgumentException().isThrownBy(() -> frames.allocateContiguous(count, 4096));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 512, 12288})
  void strangeAlignmentsAreRefused(long alignment) {
    assertThatIllegalArgumentException().isThrownBy(() -> frames.allocateContiguous(1, alignment));
  }

  @Test
  void randomUseNeverHandsOutAFrameTwice() {
    SplittableRandom random = new SplittableRandom(7);
    List<long[]> held = new ArrayList<>();
    Set<Long> used = new HashSet<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(100) < 55) {
        long count = random.nextInt(4) == 0 ? 1 + random.nextInt(90) : 1;
        long alignment = 4096L << random.nextInt(4);
        Optional<Hpa> base =
            count == 1 ? frames.allocate() : frames.allocateContiguous(count, alignment);
        base.ifPresent(
            hpa -> {
              assertThat(count == 1 || hpa.value() % alignment == 0).isTrue();
              for (long i = 0; i < count; i++) {
                assertThat(used.add(hpa.pfn() + i)).isTrue();
              }
              held.add(new long[] {hpa.value(), count});
            });
      } else if (!held.isEmpty()) {
        long[] range = held.remove(random.nextInt(held.size()));
        frames.freeContiguous(new Hpa(range[0]), range[1]);
        for (long i = 0; i < range[1]; i++) {
          used.remove((range[0] >>> 12) + i);
        }
      }
      assertThat(frames.allocatedFrames()).isEqualTo(used.size());
      assertThat(frames.allocatedFrames() + frames.freeFrames()).isEqualTo(all);
    }
  }
}
