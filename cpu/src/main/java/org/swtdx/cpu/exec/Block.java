package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.memory.seam.CodeFrame;

/**
 * Decoded instructions that run one after the other, with what must still hold for them to be the
 * instructions at their address. A block inside one page has that page as both first and last.
 */
final class Block {
  final Insn[] code;
  final long rip;
  final int context;

  /** RIP after the last instruction. */
  final long endRip;

  /** The bytes decoded, to recognise an unchanged block in a written frame. */
  final byte[] bytes;

  final long firstHpa;
  final long lastHpa;
  final CodeFrame firstFrame;
  final CodeFrame lastFrame;
  int firstGeneration;
  int lastGeneration;

  /** {@link Core#codeEpoch} in which the translation of the pages was last confirmed. */
  int epoch;

  /** The blocks that followed this one last. */
  @Nullable Block next;

  @Nullable Block otherNext;

  /** The next block of the same hash. */
  @Nullable Block hashNext;

  Block(Core core, Insn[] code, byte[] bytes, CodePage first, CodePage last) {
    this.code = code;
    this.rip = code[0].rip;
    this.context = core.codeContext;
    this.endRip = code[code.length - 1].nextRip();
    this.bytes = bytes;
    this.epoch = core.codeEpoch;
    firstHpa = first.keyedHpa;
    lastHpa = last.keyedHpa;
    firstFrame = frame(first);
    lastFrame = frame(last);
    firstGeneration = first.generation;
    lastGeneration = last.generation;
  }

  /** A page that must not be cached gets a frame whose generation never matches again. */
  private static CodeFrame frame(CodePage page) {
    CodeFrame frame = page.frame;
    if (frame == null) {
      frame = new CodeFrame();
      frame.generation = page.generation + 1;
    }
    return frame;
  }

  /** Whether the block is what the core would decode at its current RIP. */
  boolean matches(Core core) {
    return rip == core.rip
        && context == core.codeContext
        && epoch == core.codeEpoch
        && firstFrame.generation == firstGeneration
        && lastFrame.generation == lastGeneration;
  }
}
