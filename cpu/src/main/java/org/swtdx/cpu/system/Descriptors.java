package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.mmu.Mmu;

/** Segment descriptors: reading, checking, and loading segment registers, SDM Vol. 3A 6.5, 3.4. */
final class Descriptors {
  private static final int UNUSABLE = 1 << 16;
  private static final int DATA_WRITABLE = 2;
  private static final int CODE = 8;

  private final GuestSystem system;
  private final Core core;

  Descriptors(GuestSystem system) {
    this.system = system;
    this.core = system.core;
  }

  // Fields of a descriptor.

  static long base(long descriptor) {
    return descriptor >>> 16 & 0xff_ffff | descriptor >>> 32 & 0xff00_0000L;
  }

  /** Limit in bytes, unsigned. */
  static int limit(long descriptor) {
    int limit = (int) (descriptor & 0xffff | descriptor >>> 32 & 0xf_0000);
    return (descriptor >>> 55 & 1) != 0 ? limit << 12 | 0xfff : limit;
  }

  /** Access rights in VMCS format. */
  static int rights(long descriptor) {
    return (int) (descriptor >>> 40) & 0xf0ff;
  }

  static int type(long descriptor) {
    return (int) (descriptor >>> 40) & 0xf;
  }

  static int dpl(long descriptor) {
    return (int) (descriptor >>> 45) & 3;
  }

  static boolean present(long descriptor) {
    return (descriptor >>> 47 & 1) != 0;
  }

  /** Whether a code or data descriptor (S set). */
  static boolean isSegment(long descriptor) {
    return (descriptor >>> 44 & 1) != 0;
  }

  static boolean isCode(long descriptor) {
    return isSegment(descriptor) && (type(descriptor) & CODE) != 0;
  }

  static boolean conforming(long descriptor) {
    return (type(descriptor) & 4) != 0;
  }

  /** 16, 32 or 64; -1 for the invalid combination of L and D. */
  static int codeBits(long descriptor) {
    boolean big = (descriptor >>> 54 & 1) != 0;
    if ((descriptor >>> 53 & 1) != 0) {
      return big ? -1 : 64;
    }
    return big ? 32 : 16;
  }

  // Access to the tables.

  boolean canonical(long linear) {
    return Mmu.canonical(core, linear);
  }

  /**
   * Whether a base or a translation to drop is canonical: where 5-level paging exists, these have
   * 57 bits whether it is on or not.
   */
  boolean canonicalBase(long linear) {
    int width = (system.controls.cr4Allowed & Core.CR4_LA57) != 0 ? 57 : 48;
    return linear << 64 - width >> 64 - width == linear;
  }

  private boolean longMode() {
    return (core.efer & Core.EFER_LMA) != 0;
  }

  /** Loads from a system table; #GP(0) for a non-canonical address. */
  long loadTable(long linear, int size) {
    long at = longMode() ? linear : linear & 0xffff_ffffL;
    if (longMode() && !canonical(at)) {
      throw core.raise(Core.GP, 0);
    }
    return system.mmu.loadSystem(core, at, size);
  }

  void storeTable(long linear, int size, long value) {
    long at = longMode() ? linear : linear & 0xffff_ffffL;
    if (longMode() && !canonical(at)) {
      throw core.raise(Core.GP, 0);
    }
    system.mmu.storeSystem(core, at, size, value);
  }

  /** Linear address of the descriptor of {@code selector}, or -1 when outside its table. */
  private long address(int selector, int bytes) {
    int index = selector & 0xfff8;
    boolean local = (selector & 4) != 0;
    if (local && (core.accessRights[SegmentRegister.LDTR] & UNUSABLE) != 0) {
      return -1;
    }
    long limit =
        local ? core.segmentLimit[SegmentRegister.LDTR] & 0xffff_ffffL : core.gdtLimit & 0xffff;
    if (index + bytes - 1 > limit) {
      return -1;
    }
    return (local ? core.segmentBase[SegmentRegister.LDTR] : core.gdtBase) + index;
  }

  /** Whether the selector is inside its table. */
  boolean exists(int selector) {
    return address(selector, 8) != -1;
  }

  /** Reads a descriptor; {@code vector} with the selector as error code when outside the table. */
  long read(int selector, int vector, int ext) {
    long at = address(selector, 8);
    if (at == -1) {
      throw core.raise(vector, selector & 0xfffc | ext);
    }
    return loadTable(at, 8);
  }

  /** The upper half of a 16-byte system descriptor. */
  long readHigh(int selector, int vector) {
    long at = address(selector, 16);
    if (at == -1) {
      throw core.raise(vector, selector & 0xfffc);
    }
    return loadTable(at + 8, 8);
  }

  /** Sets the accessed bit of a segment descriptor in its table. */
  void markAccessed(int selector, long descriptor) {
    if (isSegment(descriptor) && (type(descriptor) & 1) == 0) {
      setType(selector, descriptor, type(descriptor) | 1);
    }
  }

  /** Rewrites the type of a descriptor in its table. */
  void setType(int selector, long descriptor, int type) {
    long at = address(selector, 8);
    if (at != -1) {
      int access = (int) (descriptor >>> 40) & 0xf0 | type;
      storeTable(at + 5, 1, access);
    }
  }

  /** Checks that the type of a descriptor can be rewritten. */
  void probeType(int selector) {
    long at = address(selector, 8);
    if (at != -1) {
      system.mmu.probeSystem(core, at + 5 & 0xffff_ffffL, 1);
    }
  }

  // Loading registers.

  /** Puts a checked descriptor into a segment register. */
  void install(int register, int selector, long descriptor) {
    core.selector[register] = selector;
    core.segmentBase[register] = base(descriptor);
    core.segmentLimit[register] = limit(descriptor);
    core.accessRights[register] = rights(descriptor) | (isSegment(descriptor) ? 1 : 0);
    core.modeChanged();
  }

  /** Puts a null selector into a segment register; {@code level} is its RPL (and SS.DPL). */
  void loadNull(int register, int level) {
    core.selector[register] = level;
    core.segmentBase[register] = 0;
    core.segmentLimit[register] = 0;
    core.accessRights[register] = UNUSABLE | (register == SegmentRegister.SS ? level << 5 : 0);
    core.modeChanged();
  }

  /** Loads a segment register in real mode; the hidden limit and rights stay. */
  void loadRealMode(int register, int selector) {
    core.selector[register] = selector;
    core.segmentBase[register] = (long) selector << 4;
    core.modeChanged();
  }

  /** Loads a segment register in virtual-8086 mode. */
  void loadVirtual8086(int register, int selector) {
    core.selector[register] = selector;
    core.segmentBase[register] = (long) selector << 4;
    core.segmentLimit[register] = 0xffff;
    core.accessRights[register] = 0xf3;
    core.modeChanged();
  }

  boolean realMode() {
    return (core.cr0 & Core.CR0_PE) == 0;
  }

  boolean virtual8086() {
    return !realMode() && (core.flags.control & Flags.VM) != 0;
  }

  /** Loads ES, SS, DS, FS or GS as MOV, POP and LxS do. */
  void load(int register, int selector) {
    if (realMode()) {
      loadRealMode(register, selector);
    } else if (virtual8086()) {
      loadVirtual8086(register, selector);
    } else if (register == SegmentRegister.SS) {
      loadStack(selector);
    } else {
      loadData(register, selector);
    }
  }

  private void loadData(int register, int selector) {
    if ((selector & 0xfffc) == 0) {
      loadNull(register, selector);
      return;
    }
    long descriptor = read(selector, Core.GP, 0);
    int code = selector & 0xfffc;
    int type = type(descriptor);
    if (!isSegment(descriptor) || (type & 10) == CODE) {
      throw core.raise(Core.GP, code);
    }
    boolean conformingCode = (type & 12) == 12;
    if (!conformingCode && Math.max(selector & 3, core.cpl) > dpl(descriptor)) {
      throw core.raise(Core.GP, code);
    }
    if (!present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    markAccessed(selector, descriptor);
    install(register, selector, descriptor);
  }

  private void loadStack(int selector) {
    int code = selector & 0xfffc;
    if (code == 0) {
      if (!core.code64 || core.cpl == 3 || (selector & 3) != core.cpl) {
        throw core.raise(Core.GP, 0);
      }
      loadNull(SegmentRegister.SS, selector & 3);
      return;
    }
    long descriptor = read(selector, Core.GP, 0);
    if ((selector & 3) != core.cpl || !writableData(descriptor) || dpl(descriptor) != core.cpl) {
      throw core.raise(Core.GP, code);
    }
    if (!present(descriptor)) {
      throw core.raise(Core.SS, code);
    }
    markAccessed(selector, descriptor);
    install(SegmentRegister.SS, selector, descriptor);
  }

  static boolean writableData(long descriptor) {
    return isSegment(descriptor) && (type(descriptor) & (CODE | DATA_WRITABLE)) == DATA_WRITABLE;
  }

  /** Checks the stack segment that a TSS names for an inner level; #TS, or #SS if absent. */
  long innerStack(int selector, int level, int ext) {
    int code = selector & 0xfffc;
    if (code == 0) {
      throw core.raise(Core.TS, ext);
    }
    long descriptor = read(selector, Core.TS, ext);
    if ((selector & 3) != level || dpl(descriptor) != level || !writableData(descriptor)) {
      throw core.raise(Core.TS, code | ext);
    }
    if (!present(descriptor)) {
      throw core.raise(Core.SS, code | ext);
    }
    return descriptor;
  }

  /** LLDT. */
  void loadLdt(int selector) {
    int code = selector & 0xfffc;
    if (code == 0) {
      loadNull(SegmentRegister.LDTR, selector);
      return;
    }
    if ((selector & 4) != 0) {
      throw core.raise(Core.GP, code);
    }
    long descriptor = read(selector, Core.GP, 0);
    long high = longMode() ? readHigh(selector, Core.GP) : 0;
    if (isSegment(descriptor) || type(descriptor) != 2 || (high >>> 40 & 0x1f) != 0) {
      throw core.raise(Core.GP, code);
    }
    if (!present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    installSystem(SegmentRegister.LDTR, selector, descriptor, high);
  }

  /** LTR. */
  void loadTask(int selector) {
    int code = selector & 0xfffc;
    if (code == 0) {
      throw core.raise(Core.GP, 0);
    }
    if ((selector & 4) != 0) {
      throw core.raise(Core.GP, code);
    }
    long descriptor = read(selector, Core.GP, 0);
    long high = longMode() ? readHigh(selector, Core.GP) : 0;
    int type = type(descriptor);
    boolean available = longMode() ? type == 9 : type == 1 || type == 9;
    if (isSegment(descriptor) || !available || (high >>> 40 & 0x1f) != 0) {
      throw core.raise(Core.GP, code);
    }
    if (!present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    setType(selector, descriptor, type | 2);
    installSystem(SegmentRegister.TR, selector, descriptor | 2L << 40, high);
  }

  private void installSystem(int register, int selector, long descriptor, long high) {
    long base = base(descriptor) | high << 32;
    if (longMode() && !canonicalBase(base)) {
      throw core.raise(Core.GP, selector & 0xfffc);
    }
    install(register, selector, descriptor);
    core.segmentBase[register] = base;
    core.modeChanged();
  }

  /**
   * After a return to an outer level: data segments that it may not use become null, SDM Vol. 2 RET
   * and IRET.
   */
  void dropInaccessible() {
    for (int register = 0; register < 6; register++) {
      if (register == SegmentRegister.CS || register == SegmentRegister.SS) {
        continue;
      }
      int rights = core.accessRights[register];
      boolean conformingCode = (rights & 0x1c) == 0x1c;
      if ((rights & UNUSABLE) == 0 && !conformingCode && (rights >> 5 & 3) < core.cpl) {
        // the base stays, which 64-bit mode uses of FS and GS
        core.selector[register] = 0;
        core.accessRights[register] = UNUSABLE;
      }
    }
    core.modeChanged();
  }
}
