package org.swtdx.cpu.exec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
  private static final VarHandle QUADWORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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

  /** Native address of the first byte, and of the page of the last one. */
  private final long address, lastPage;

  /** Bytes in the first page. */
  private final int inFirst;

  /** Whether the bytes must be compared at each use. */
  final boolean compared;

  /** Whether the bytes must be compared at the first use after {@link Core#codeLook} advanced. */
  final boolean lent;

  private int look;

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
    compared = shared;
    address = first.nativeAddress + (linear & 4095);
    lastPage = last.nativeAddress;
    inFirst = (int) Math.min(bytes.length, 4096 - (linear & 4095));
    firstFrame = shared && first.linear != last.linear ? unrepeatable(first) : frame(first);
    lastFrame = frame(last);
    lent = firstFrame.lent || lastFrame.lent;
    look = core.codeLook;
    special = shared || lent || firstFrame != lastFrame;
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
        && (!special || matchesSpecially(core));
  }

  private boolean matchesSpecially(Core core) {
    boolean looked = !compared && (!lent || look == core.codeLook);
    return lastFrame.generation == lastGeneration && (looked || unchanged(core));
  }

  /** The {@link Core#codeContext} that it was decoded in. */
  int context() {
    return (int) (key >>> 32);
  }

  /** Whether the block was decoded at the core's RIP in its context, whatever happened since. */
  boolean isAt(Core core) {
    return rip == core.rip && context() == core.codeContext;
  }

  /** Whether memory still holds the bytes decoded; takes note that the core looked. */
  boolean unchanged(Core core) {
    if (!same(address, 0, inFirst) || !same(lastPage - inFirst, inFirst, bytes.length)) {
      return false;
    }
    look = core.codeLook;
    return true;
  }

  private boolean same(long memory, int from, int to) {
    byte[] expected = bytes;
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      if (NativeAccess.load64(memory + i) != (long) QUADWORD.get(expected, i)) {
        return false;
      }
    }
    for (; i < to; i++) {
      if ((byte) NativeAccess.load8(memory + i) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether what the code pages say of the frames is what was so when the block was decoded. */
  boolean isFrom(long firstAddress, boolean shared) {
    return firstAddress == address
        && shared == compared
        && (firstFrame.lent || lastFrame.lent) == lent;
  }
}
