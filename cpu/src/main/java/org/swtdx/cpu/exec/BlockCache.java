package org.swtdx.cpu.exec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.decode.Decoder;

/**
 * The decoded blocks of one core, by RIP and context. Forgets all of them when it has more than its
 * share of the {@link CacheBudget}.
 */
final class BlockCache {
  private static final int FEW_BUCKETS = 1 << 8;
  private static final int MOST_BUCKETS = 1 << 15;

  private @Nullable Block[] buckets = new @Nullable Block[FEW_BUCKETS];
  private final CodePages pages = new CodePages();
  private final BlockBuilder builder;
  private boolean shares;

  /** What is kept, in blocks and in instructions. */
  private int blocks, kept;

  BlockCache(Decoder decoder) {
    builder = new BlockBuilder(decoder, pages);
  }

  void clear() {
    Arrays.fill(buckets, null);
    blocks = 0;
    kept = 0;
    pages.clear();
  }

  private int bucket(long rip, int context) {
    long h = rip ^ rip >>> 15 ^ context * 0x9e3779b9L;
    return (int) h & buckets.length - 1;
  }

  /** Returns the block at the core's RIP, decoding it if need be; faults as the fetch does. */
  Block find(Core core) {
    if (kept > CacheBudget.share()) {
      clear();
    }
    int bucket = bucket(core.rip, core.codeContext);
    Block previous = null;
    for (Block b = buckets[bucket]; b != null; b = b.hashNext) {
      if (b.isAt(core)) {
        if (b.matches(core) || confirm(core, b)) {
          return b;
        }
        unlink(bucket, previous, b);
        break;
      }
      previous = b;
    }
    Block built = builder.build(core, Integer.MAX_VALUE);
    if (blocks >= buckets.length && buckets.length < MOST_BUCKETS) {
      grow();
      bucket = bucket(core.rip, core.codeContext);
    }
    built.hashNext = buckets[bucket];
    buckets[bucket] = built;
    count(built, 1);
    return built;
  }

  private void grow() {
    @Nullable Block[] before = buckets;
    buckets = new @Nullable Block[2 * before.length];
    for (@Nullable Block first : before) {
      for (Block b = first; b != null; ) {
        Block next = b.hashNext;
        int bucket = bucket(b.rip, b.context());
        b.hashNext = buckets[bucket];
        buckets[bucket] = b;
        b = next;
      }
    }
  }

  /** What is remembered, in instructions. */
  int kept() {
    return kept;
  }

  private void count(Block block, int change) {
    if (!shares) {
      shares = true;
      CacheBudget.join(this);
    }
    blocks += change;
    kept += change * (block.code.length + CacheBudget.BLOCK);
  }

  /** Decodes the single instruction at the core's RIP. */
  Block single(Core core) {
    return builder.build(core, 1);
  }

  private void unlink(int bucket, @Nullable Block previous, Block block) {
    if (previous == null) {
      buckets[bucket] = block.hashNext;
    } else {
      previous.hashNext = block.hashNext;
    }
    count(block, -1);
  }

  /** Checks a block whose epoch or generation passed against the memory of now. */
  private boolean confirm(Core core, Block block) {
    long linear = BlockBuilder.linear(core, block.rip);
    CodePage page = pages.get(core, linear);
    if (page.frame != block.firstFrame || page.keyedHpa != block.firstHpa) {
      return false;
    }
    long address = page.nativeAddress + (linear & 4095);
    if (!block.isFrom(address, page.shared)) {
      return false;
    }
    int generation = page.generation;
    if (block.firstFrame != block.lastFrame) {
      return confirmLast(core, block, generation, linear);
    }
    if (generation != block.firstGeneration || page.shared || block.lent) {
      if (!block.unchanged(core)) {
        return false;
      }
      block.firstGeneration = generation;
      block.lastGeneration = generation;
    }
    block.key = core.codeKey;
    return true;
  }

  private boolean confirmLast(Core core, Block block, int generation, long linear) {
    CodePage last = pages.get(core, linear + block.bytes.length - 1);
    if (last.frame != block.lastFrame
        || last.keyedHpa != block.lastHpa
        || generation != block.firstGeneration
        || last.generation != block.lastGeneration
        || block.lent && !block.unchanged(core)) {
      return false;
    }
    block.key = core.codeKey;
    return true;
  }
}
