package org.swtdx.cpu.testkit;

import java.lang.foreign.Arena;
import org.swtdx.cpu.core.CodePage;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.MemoryPort;
import org.swtdx.cpu.core.Tlb;
import org.swtdx.memory.seam.CodeFrame;
import org.swtdx.memory.seam.NativeAccess;

/**
 * One range of readable, writable, executable linear memory; page faults elsewhere. Follows the
 * rules for code frames, so self-modifying code works as it does on a platform.
 */
public final class FlatMemory extends MemoryPort implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final long base;
  private final long size;
  private final long addend;
  private final CodeFrame[] frames;
  private final boolean[] isCode;

  /** Creates {@code size} zero bytes at linear address {@code base}, both multiples of 4096. */
  public FlatMemory(long base, long size) {
    this.base = base;
    this.size = size;
    this.addend = arena.allocate(size, 4096).address() - base;
    frames = new CodeFrame[(int) (size >> 12)];
    isCode = new boolean[frames.length];
    for (int i = 0; i < frames.length; i++) {
      frames[i] = new CodeFrame();
    }
  }

  /** First linear address. */
  public long base() {
    return base;
  }

  /** Copies {@code bytes} to {@code linear}, as a loader does before the code runs. */
  public void write(long linear, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      NativeAccess.store8(linear + i + addend, bytes[i]);
    }
  }

  /** Reads {@code length} bytes. */
  public byte[] read(long linear, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) NativeAccess.load8(linear + i + addend);
    }
    return bytes;
  }

  /** Native address of {@code linear}. */
  public long nativeOf(long linear) {
    return linear + addend;
  }

  private void check(Core core, long linear, int bytes, boolean write) {
    long at = outside(linear) ? linear : linear + bytes - 1;
    if (outside(at)) {
      core.cr2 = at;
      throw core.raise(Core.PF, 4 | (write ? 2 : 0));
    }
    fill(core, linear, write);
    if ((linear & 4095) + bytes > 4096) {
      fill(core, linear + bytes - 1, write);
    }
  }

  private boolean outside(long linear) {
    return linear < base || linear >= base + size;
  }

  private void fill(Core core, long linear, boolean write) {
    int page = (int) (linear - base >> 12);
    if (write && isCode[page]) {
      isCode[page] = false;
      frames[page].generation++;
      core.codeWritten();
    }
    int i = Tlb.index(linear);
    long[] tlb = core.tlb;
    long tag = linear & Tlb.PAGE;
    if (tlb[i] != tag) {
      tlb[i + Tlb.WRITE] = Tlb.INVALID;
    }
    tlb[i] = tag;
    if (write) {
      tlb[i + Tlb.WRITE] = tag;
    }
    tlb[i + Tlb.ADDEND] = addend;
  }

  @Override
  public long load(Core core, long linear, int bytes) {
    check(core, linear, bytes, false);
    return NativeAccess.load(linear + addend, bytes);
  }

  @Override
  public void store(Core core, long linear, int bytes, long value) {
    check(core, linear, bytes, true);
    NativeAccess.store(linear + addend, bytes, value);
  }

  @Override
  public void probe(Core core, long linear, int bytes, boolean write) {
    check(core, linear, bytes, write);
  }

  @Override
  public long nativeAddress(Core core, long linear, boolean write) {
    check(core, linear, 1, write);
    return linear + addend;
  }

  @Override
  public void fetch(Core core, long linear, CodePage page) {
    if (outside(linear)) {
      core.cr2 = linear;
      throw core.raise(Core.PF, 0x14);
    }
    int number = (int) (linear - base >> 12);
    if (!page.shared) {
      isCode[number] = true;
      for (long[] tlb : core.tlbs) {
        Tlb.clear(tlb, linear);
      }
    }
    page.linear = linear & Tlb.PAGE;
    page.keyedHpa = (long) number << 12;
    page.nativeAddress = page.linear + addend;
    page.frame = frames[number];
    page.generation = frames[number].generation;
  }

  @Override
  public void close() {
    arena.close();
  }
}
