package org.swtdx.memory.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.memory.seam.NativeAccess;

final class BackingTest {
  @Test
  void sparseFileReadsAsZerosAndKeepsWhatIsWritten() {
    long size = 1L << 33;
    try (Backing backing = Backing.ofSparseFile(size)) {
      long last = backing.base() + size - 8;

      assertThat(NativeAccess.load64(last)).isZero();
      NativeAccess.store64(last, 0x1234);
      assertThat(NativeAccess.load64(last)).isEqualTo(0x1234);
      assertThat(NativeAccess.load64(backing.base())).isZero();
    }
  }
}
