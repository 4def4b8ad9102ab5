package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;

final class HostShareTest {
  @Test
  void whatOneUserTakesIsNotCountedForAnother() {
    try (PhysicalMemory memory = memory()) {
      HostShare one = HostShare.unbounded();
      HostShare other = HostShare.unbounded();
      Hpa frame = one.of(memory.frames()).allocate().orElseThrow();
      Hpa run = one.of(memory.frames()).allocateContiguous(8, 1 << 15).orElseThrow();

      assertThat(one.frames()).isEqualTo(9);
      assertThat(other.frames()).isZero();

      one.of(memory.frames()).free(frame);
      one.of(memory.frames()).freeContiguous(run, 8);
      assertThat(one.frames()).isZero();
      assertThat(memory.frames().allocatedFrames()).isZero();
    }
  }

  @Test
  void theBoundIsExact() {
    try (PhysicalMemory memory = memory()) {
      HostShare share = new HostShare(3, 1);
      FrameAllocator frames = share.of(memory.frames());

      assertThat(frames.allocateContiguous(4, 4096)).isEmpty();
      assertThat(frames.allocateContiguous(2, 4096)).isPresent();
      Hpa last = frames.allocate().orElseThrow();
      assertThat(frames.freeFrames()).isZero();
      assertThat(frames.allocate()).isEmpty();
      frames.free(last);
      assertThat(frames.allocate()).isPresent();
      assertThat(memory.frames().allocatedFrames()).isEqualTo(3);
    }
  }

  @Test
  void whatTheHostHasNotIsNotCounted() {
    try (PhysicalMemory memory = memory()) {
      HostShare share = HostShare.unbounded();

      assertThat(share.of(memory.frames()).allocateContiguous(1 << 20, 4096)).isEmpty();
      assertThat(share.frames()).isZero();
    }
  }

  @Test
  void keyIdsAreBoundedToo() {
    HostShare share = new HostShare(1, 2);

    assertThat(share.takeKeyId()).isTrue();
    assertThat(share.takeKeyId()).isTrue();
    assertThat(share.takeKeyId()).isFalse();
    share.releaseKeyId();
    assertThat(share.keyIds()).isEqualTo(1);
    assertThat(share.takeKeyId()).isTrue();
  }

  private static PhysicalMemory memory() {
    return PhysicalMemory.create(
        PhysicalAddressLayout.DEFAULT, List.of(new Cmr(new Hpa(0), 64L << 20)));
  }
}
