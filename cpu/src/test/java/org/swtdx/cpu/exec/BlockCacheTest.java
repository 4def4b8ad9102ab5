package org.swtdx.cpu.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.Reference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.decode.Decoder;
import org.swtdx.cpu.testkit.Snippet;

final class BlockCacheTest {
  private static final int LONGEST_BLOCK = 64 + CacheBudget.BLOCK;

  @Test
  void whatIsRememberedIsThereAgain() {
    try (Snippet s = Snippet.in64()) {
      BlockCache cache = new BlockCache(new Decoder(InstructionSet.table()));
      s.load(new byte[] {(byte) 0xff, (byte) 0xc0});
      s.core.rip = Snippet.CODE;

      Block block = cache.find(s.core);

      assertThat(cache.find(s.core)).isSameAs(block);
      assertThat(cache.kept()).isEqualTo(2 + CacheBudget.BLOCK);
      cache.clear();
      assertThat(cache.kept()).isZero();
      assertThat(cache.find(s.core)).isNotSameAs(block);
    }
  }

  @Test
  void codeThatGoesOnAndOnTakesNoMoreThanACoresShare() {
    Object[] others = Stream.generate(Object::new).limit(100_000).toArray();
    for (Object other : others) {
      CacheBudget.join(other);
    }
    try (Snippet s = Snippet.in64()) {
      BlockCache cache = new BlockCache(new Decoder(InstructionSet.table()));
      int most = 0;
      // Zeros are the instruction add [rax], al.
      for (s.core.rip = Snippet.CODE; s.core.rip < Snippet.END - 256; ) {
        s.core.rip = cache.find(s.core).endRip;
        most = Math.max(most, cache.kept());
        assertThat(cache.kept()).isBetween(1, CacheBudget.share() + LONGEST_BLOCK);
      }
      assertThat(most).isGreaterThan(CacheBudget.share() / 2);
    } finally {
      Reference.reachabilityFence(others);
    }
  }

  @Test
  void sharesAreEqualAndEnoughToWorkWith() {
    assertThat(CacheBudget.shareOf(0)).isEqualTo(CacheBudget.shareOf(1));
    assertThat(CacheBudget.shareOf(2)).isEqualTo(CacheBudget.shareOf(1) / 2);
    assertThat(CacheBudget.shareOf(1_000_000)).isEqualTo(2048);
  }
}
