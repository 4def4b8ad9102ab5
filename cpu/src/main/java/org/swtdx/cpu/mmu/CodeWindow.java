package org.swtdx.cpu.mmu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.swtdx.memory.seam.NativeAccess;

/**
 * A page of code bytes copied from memory that has no native address: unclaimed addresses and
 * frames whose lines need checks. Code from it is never cached. Two pages are kept, since an
 * instruction may begin in one and end in the next.
 */
final class CodeWindow {
  private static final int PAGE = 4096;

  private final MemorySegment bytes = Arena.ofAuto().allocate(2 * PAGE, 64);
  private long half;

  CodeWindow() {}

  /** Copies the page of {@code frame} from the line of {@code offset} on; returns its address. */
  long fill(PhysicalAccess memory, long frame, int offset) {
    half ^= PAGE;
    long target = bytes.address() + half;
    for (int at = offset & ~63; at < PAGE; at += 8) {
      NativeAccess.store64(target + at, memory.load(frame + at, 8));
    }
    return target;
  }
}
