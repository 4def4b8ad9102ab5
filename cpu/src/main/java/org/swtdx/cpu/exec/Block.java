package org.swtdx.cpu.exec;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Insn;
import org.swtdx.memory.seam.CodeFrame;
import org.swtdx.memory.seam.NativeAccess;

/**
 * Decoded instructions that run one after the other, with what must still hold for them to be the
 * instructions at their address. A block inside one page has that page as both first and last.
 */
final class Block {
  final Insn[] code;
  final long rip;

  /** {@link Core#codeKey} under which the block was decoded or last confirmed. */
  long key;

  /** Whether validity takes more than one frame's generation. */
  private final boolean special;

  /** RIP after the last instruction. */
  final long endRip;

  /** The bytes decoded, to recognise an unchanged block in a written frame. */
  final byte[] bytes;

  final long firstHpa;
  final long lastHpa;
  final CodeFrame firstFrame;
  final CodeFrame lastFrame;

  /** Native address of the bytes when they must be compared at each use, else 0. */
  final long compared;

  int firstGeneration;
  int lastGeneration;

  /** The blocks that followed this one last. */
  @Nullable Block next;

  @Nullable Block otherNext;

  /** The next block of the same hash. */
  @Nullable Block hashNext;

  Block(Core core, Insn[] code, byte[] bytes, long linear, CodePage first, CodePage last) {
    this.code = code;
    this.rip = code[0].rip;
    this.key = core.codeKey;
    this.endRip = code[code.length - 1].nextRip();
    this.bytes = bytes;
    firstHpa = first.keyedHpa;
    lastHpa = last.keyedHpa;
    boolean shared = first.shared || last.shared;
    compared = shared ? first.nativeAddress + (linear & 4095) : 0;
    firstFrame = shared && first.linear != last.linear ? unrepeatable(first) : frame(first);
    lastFrame = frame(last);
    special = shared || firstFrame != lastFrame;
    firstGeneration = first.generation;
    lastGeneration = last.generation;
  }

  private static CodeFrame frame(CodePage page) {
    CodeFrame frame = page.frame;
    return frame == null ? unrepeatable(page) : frame;
  }

  /** A frame whose generation never matches, for what must be decoded each time. */
  private static CodeFrame unrepeatable(CodePage page) {
    CodeFrame frame = new CodeFrame();
    frame.generation = page.generation + 1;
    return frame;
  }

  /** Whether the block is what the core would decode at its current RIP. */
  boolean matches(Core core) {
    return rip == core.rip
        && key == core.codeKey
        && firstFrame.generation == firstGeneration
        && (!special || matchesSpecially());
  }

  private boolean matchesSpecially() {
    return lastFrame.generation == lastGeneration && (compared == 0 || unchanged(compared));
  }

  /** Whether the block was decoded at the core's RIP in its context, whatever happened since. */
  boolean isAt(Core core) {
    return rip == core.rip && (int) (key >>> 32) == core.codeContext;
  }

  /** Whether the memory at {@code address} still holds the bytes decoded. */
  boolean unchanged(long address) {
    byte[] expected = bytes;
    for (int i = 0; i < expected.length; i++) {
      if ((byte) NativeAccess.load8(address + i) != expected[i]) {
        return false;
      }
    }
    return true;
  }
}
