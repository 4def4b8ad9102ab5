package org.swtdx.cpu.system;

import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;

/**
 * The registers of a task in its 16- or 32-bit task-state segment, SDM Vol. 3A figures 9-2 and
 * 9-10, and their way out of and into the processor.
 */
final class TaskState {
  /** The smallest limits of a TSS to which a switch goes. */
  static final int LIMIT_16 = 0x2b, LIMIT_32 = 0x67;

  private static final int UNUSABLE = 1 << 16;

  /** Segment registers in the order of a TSS. */
  private static final int[] ORDER = {
    SegmentRegister.ES,
    SegmentRegister.CS,
    SegmentRegister.SS,
    SegmentRegister.DS,
    SegmentRegister.FS,
    SegmentRegister.GS
  };

  private static final int IP_16 = 0x0e, AX_16 = 0x12, ES_16 = 0x22, LDT_16 = 0x2a;
  private static final int CR3_32 = 0x1c, EIP_32 = 0x20, EAX_32 = 0x28, ES_32 = 0x48;
  private static final int LDT_32 = 0x60, TRAP_32 = 0x64;

  private final GuestSystem system;
  private final Core core;
  private final Descriptors descriptors;
  private final long[] gpr = new long[8];
  private final int[] selectors = new int[ORDER.length];
  private boolean wide;
  private long root;
  private long ip;
  private long flags;
  private int ldt;
  private boolean trap;

  TaskState(GuestSystem system) {
    this.system = system;
    this.core = system.core;
    this.descriptors = system.descriptors;
  }

  /** Whether the TSS read last is a 32-bit one. */
  boolean wide() {
    return wide;
  }

  /** Whether its T flag asks for a debug exception. */
  boolean debugTrap() {
    return trap;
  }

  private boolean oldIsWide() {
    return (core.accessRights[SegmentRegister.TR] & 8) != 0;
  }

  /** Checks that the dynamic fields of the current TSS can be written. */
  void probeOld() {
    long base = core.segmentBase[SegmentRegister.TR];
    if (oldIsWide()) {
      system.mmu.probeSystem(core, base + EIP_32 & 0xffff_ffffL, ES_32 + 4 * 6 - EIP_32);
    } else {
      system.mmu.probeSystem(core, base + IP_16 & 0xffff_ffffL, ES_16 + 2 * 4 - IP_16);
    }
  }

  /** Saves the registers in the current TSS. */
  void saveOld(long returnIp, long savedFlags) {
    long base = core.segmentBase[SegmentRegister.TR];
    boolean old32 = oldIsWide();
    int unit = old32 ? 4 : 2;
    long at = base + (old32 ? EIP_32 : IP_16);
    descriptors.storeTable(at, unit, returnIp);
    descriptors.storeTable(at + unit, unit, savedFlags);
    for (int i = 0; i < 8; i++) {
      descriptors.storeTable(at + (long) (2 + i) * unit, unit, core.gpr[i]);
    }
    long segments = base + (old32 ? ES_32 : ES_16);
    for (int i = 0; i < (old32 ? 6 : 4); i++) {
      descriptors.storeTable(segments + (long) i * unit, 2, core.selector[ORDER[i]]);
    }
  }

  /** Reads the state of the task whose TSS is at {@code base}. */
  void read(long base, boolean is32) {
    wide = is32;
    int unit = is32 ? 4 : 2;
    long at = base + (is32 ? EIP_32 : IP_16);
    ip = descriptors.loadTable(at, unit);
    flags = descriptors.loadTable(at + unit, unit);
    for (int i = 0; i < 8; i++) {
      gpr[i] = descriptors.loadTable(base + (is32 ? EAX_32 : AX_16) + (long) i * unit, unit);
    }
    for (int i = 0; i < ORDER.length; i++) {
      boolean there = is32 || i < 4;
      long field = base + (is32 ? ES_32 : ES_16) + (long) i * unit;
      selectors[i] = there ? (int) descriptors.loadTable(field, 2) : 0;
    }
    ldt = (int) descriptors.loadTable(base + (is32 ? LDT_32 : LDT_16), 2);
    root = is32 ? descriptors.loadTable(base + CR3_32, 4) : core.cr3;
    trap = is32 && (descriptors.loadTable(base + TRAP_32, 2) & 1) != 0;
  }

  /** Loads what needs no descriptor; segments are unusable until theirs are loaded. */
  void load(long moreFlags) {
    System.arraycopy(gpr, 0, core.gpr, 0, 8);
    core.rip = ip;
    core.setFlags(flags | moreFlags);
    core.cpl = (core.flags.control & Flags.VM) != 0 ? 3 : selectors[1] & 3;
    for (int i = 0; i < ORDER.length; i++) {
      int register = ORDER[i];
      core.selector[register] = selectors[i];
      core.accessRights[register] =
          register == SegmentRegister.CS
              ? core.accessRights[register] & ~0x60 | core.cpl << 5
              : UNUSABLE | core.cpl << 5;
    }
    descriptors.loadNull(SegmentRegister.LDTR, ldt);
  }

  /** Loads CR3 when paging is on; only a 32-bit TSS has one. */
  void loadRoot() {
    if (wide && (core.cr0 & Core.CR0_PG) != 0) {
      system.controlRegisters.writeCr3(root);
    }
  }

  /** Checks and loads the LDT and the segments; #TS, #NP or #SS. */
  void loadSegments(int ext) {
    loadLdt(ext);
    if ((core.flags.control & Flags.VM) != 0) {
      for (int i = 0; i < ORDER.length; i++) {
        descriptors.loadVirtual8086(ORDER[i], selectors[i]);
      }
      return;
    }
    loadCode(selectors[1], ext);
    loadStack(selectors[2], ext);
    for (int i : new int[] {3, 0, 4, 5}) {
      loadData(ORDER[i], selectors[i], ext);
    }
  }

  private void loadLdt(int ext) {
    int code = ldt & 0xfffc;
    if (code == 0) {
      return;
    }
    check((ldt & 4) == 0, code | ext);
    long descriptor = descriptors.read(ldt, Core.TS, ext);
    boolean valid = !Descriptors.isSegment(descriptor) && Descriptors.type(descriptor) == 2;
    check(valid && Descriptors.present(descriptor), code | ext);
    descriptors.install(SegmentRegister.LDTR, ldt, descriptor);
  }

  private void check(boolean valid, int code) {
    if (!valid) {
      throw core.raise(Core.TS, code);
    }
  }

  private void loadCode(int selector, int ext) {
    int code = selector & 0xfffc | ext;
    check((selector & 0xfffc) != 0, code);
    long descriptor = descriptors.read(selector, Core.TS, ext);
    int dpl = Descriptors.dpl(descriptor);
    int rpl = selector & 3;
    check(
        Descriptors.isCode(descriptor)
            && (Descriptors.conforming(descriptor) ? dpl <= rpl : dpl == rpl),
        code);
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    descriptors.markAccessed(selector, descriptor);
    descriptors.install(SegmentRegister.CS, selector, descriptor);
  }

  private void loadStack(int selector, int ext) {
    int code = selector & 0xfffc | ext;
    check((selector & 0xfffc) != 0, code);
    long descriptor = descriptors.read(selector, Core.TS, ext);
    boolean levels = (selector & 3) == core.cpl && Descriptors.dpl(descriptor) == core.cpl;
    check(levels && Descriptors.writableData(descriptor), code);
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.SS, code);
    }
    descriptors.markAccessed(selector, descriptor);
    descriptors.install(SegmentRegister.SS, selector, descriptor);
  }

  private void loadData(int register, int selector, int ext) {
    int code = selector & 0xfffc | ext;
    if ((selector & 0xfffc) == 0) {
      descriptors.loadNull(register, selector);
      return;
    }
    long descriptor = descriptors.read(selector, Core.TS, ext);
    int type = Descriptors.type(descriptor);
    boolean readable = Descriptors.isSegment(descriptor) && (type & 10) != 8;
    boolean conforming = (type & 12) == 12;
    int level = Math.max(selector & 3, core.cpl);
    check(readable && (conforming || level <= Descriptors.dpl(descriptor)), code);
    if (!Descriptors.present(descriptor)) {
      throw core.raise(Core.NP, code);
    }
    descriptors.markAccessed(selector, descriptor);
    descriptors.install(register, selector, descriptor);
  }
}
