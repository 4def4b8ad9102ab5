package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.mmu.PageWalker;

/**
 * The stack that an event, a call gate or a return works on: chosen and checked first, written
 * while the registers still hold the old stack, taken over by {@link #commit}.
 */
final class Pushes {
  private final GuestSystem system;
  private final Core core;

  private long base;
  private long limit;
  private int rights;
  private long mask;
  private long pointer;
  private int size;
  private int privilege;
  private int ext;
  private boolean wide;

  /** Whether {@link #commit} loads SS, and with what. */
  private boolean switches;

  private int selector;
  private long descriptor;
  private int level;

  Pushes(GuestSystem system) {
    this.system = system;
    this.core = system.core;
  }

  /** The current stack, in units of {@code unit} bytes. */
  void beginCurrent(int unit) {
    base = core.effectiveBase[SegmentRegister.SS];
    limit = core.segmentLimit[SegmentRegister.SS] & 0xffff_ffffL;
    rights = core.accessRights[SegmentRegister.SS];
    mask = core.stackMask;
    pointer = core.gpr[4];
    size = unit;
    privilege = Delivery.privilege(core.cpl);
    ext = 0;
    wide = core.code64;
    switches = false;
  }

  /** The stack of an inner privilege level from a 16- or 32-bit TSS. */
  void beginInner(int newLevel, int unit, int external) {
    int type = core.accessRights[SegmentRegister.TR] & 0xf;
    boolean tss32 = (type & 8) != 0;
    int at = tss32 ? 4 + newLevel * 8 : 2 + newLevel * 4;
    int width = tss32 ? 4 : 2;
    int tssError = core.selector[SegmentRegister.TR] & 0xfffc | external;
    if (at + 2 * width - 1 > (core.segmentLimit[SegmentRegister.TR] & 0xffff_ffffL)) {
      throw core.raise(Core.TS, tssError);
    }
    long tss = core.segmentBase[SegmentRegister.TR];
    long newPointer = system.descriptors.loadTable(tss + at, width);
    int newSelector = (int) system.descriptors.loadTable(tss + at + width, 2);
    begin(system.descriptors.innerStack(newSelector, newLevel, external), newSelector, newLevel);
    pointer = newPointer;
    size = unit;
    ext = external;
  }

  private void begin(long newDescriptor, int newSelector, int newLevel) {
    descriptor = newDescriptor;
    selector = newSelector;
    level = newLevel;
    switches = true;
    wide = false;
    base = Descriptors.base(descriptor);
    limit = Descriptors.limit(descriptor) & 0xffff_ffffL;
    rights = Descriptors.rights(descriptor);
    mask = (rights & 1 << 14) != 0 ? 0xffff_ffffL : 0xffff;
    privilege = newLevel == 3 ? PageWalker.USER : PageWalker.IMPLICIT;
  }

  /** The stack of an event in IA-32e mode: RSP of the level, an IST entry, or the current one. */
  void beginLong(int newLevel, int ist, int external) {
    switches = newLevel < core.cpl;
    level = newLevel;
    selector = newLevel;
    descriptor = 0;
    ext = external;
    size = 8;
    wide = true;
    base = 0;
    mask = -1;
    privilege = Delivery.privilege(newLevel);
    pointer = core.gpr[4];
    if (switches || ist != 0) {
      pointer = pointerFromTss(ist != 0 ? 0x24 + 8 * (ist - 1) : 4 + 8 * newLevel);
      privilege = newLevel == 3 ? PageWalker.USER : PageWalker.IMPLICIT;
    }
    pointer &= ~15L;
  }

  /** The inner stack of a call gate in IA-32e mode. */
  void beginLongCall(int newLevel) {
    beginLong(newLevel, 0, 0);
    switches = true;
    pointer = pointerFromTss(4 + 8 * newLevel);
    privilege = PageWalker.IMPLICIT;
  }

  private long pointerFromTss(int at) {
    if (at + 7 > (core.segmentLimit[SegmentRegister.TR] & 0xffff_ffffL)) {
      throw core.raise(Core.TS, core.selector[SegmentRegister.TR] & 0xfffc | ext);
    }
    long value = system.descriptors.loadTable(core.segmentBase[SegmentRegister.TR] + at, 8);
    if (!system.descriptors.canonical(value)) {
      throw core.raise(Core.SS, ext);
    }
    return value;
  }

  /** Changes the unit of the following pushes. */
  void unit(int bytes) {
    size = bytes;
  }

  /** Pushes one unit. */
  void push(long value) {
    pointer = pointer & ~mask | pointer - size & mask;
    long offset = pointer & mask;
    system.mmu.storeAs(core, linear(offset), size, value, privilege);
  }

  private long linear(long offset) {
    if (wide) {
      if (!system.descriptors.canonical(offset)) {
        throw core.raise(Core.SS, ext);
      }
      return offset;
    }
    long end = offset + size - 1;
    boolean inside =
        (rights & 0xc) == 4
            ? offset > limit && end <= ((rights & 1 << 14) != 0 ? 0xffff_ffffL : 0xffff)
            : end <= limit;
    if (!inside) {
      throw core.raise(Core.SS, switches ? selector & 0xfffc | ext : ext);
    }
    return base + offset & 0xffff_ffffL;
  }

  /** Makes the stack the current one. */
  void commit() {
    if (switches) {
      if (wide) {
        system.descriptors.loadNull(SegmentRegister.SS, level);
      } else {
        system.descriptors.markAccessed(selector, descriptor);
        system.descriptors.install(SegmentRegister.SS, selector, descriptor);
      }
    }
    core.gpr[4] = switches && !wide ? pointer & 0xffff_ffffL : pointer;
  }
}
