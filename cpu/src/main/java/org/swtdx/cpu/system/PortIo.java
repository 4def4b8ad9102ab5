package org.swtdx.cpu.system;

import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.Insn;

/**
 * IN, OUT, INS and OUTS: the permission bitmap of SDM Vol. 1 20.5 and the exits of Vol. 3C table
 * 29-5. Without exiting no port answers: reads give all ones.
 */
final class PortIo {
  private static final int IN = 1 << 3, STRING = 1 << 4, REPEATED = 1 << 5, IMMEDIATE = 1 << 6;

  private final GuestSystem system;
  private final Core core;

  PortIo(GuestSystem system) {
    this.system = system;
    this.core = system.core;
  }

  private void check(int port, int size) {
    checkPermission(port, size);
    system.debugging.portAccessed(port, size);
  }

  private void checkPermission(int port, int size) {
    if ((core.cr0 & Core.CR0_PE) == 0) {
      return;
    }
    boolean v86 = (core.flags.control & Flags.VM) != 0;
    if (!v86 && core.cpl <= (core.flags.control >>> 12 & 3)) {
      return;
    }
    int rights = core.accessRights[SegmentRegister.TR];
    long limit = core.segmentLimit[SegmentRegister.TR] & 0xffff_ffffL;
    long tss = core.segmentBase[SegmentRegister.TR];
    if ((rights & 1 << 16) != 0 || (rights & 8) == 0 || limit < 0x67) {
      throw core.raise(Core.GP, 0);
    }
    long map = system.descriptors.loadTable(tss + 0x66, 2) + (port >>> 3);
    if (map + 1 > limit) {
      throw core.raise(Core.GP, 0);
    }
    long bits = system.descriptors.loadTable(tss + map, 2) >>> (port & 7);
    if ((bits & (1 << size) - 1) != 0) {
      throw core.raise(Core.GP, 0);
    }
  }

  private static int width(Insn insn) {
    return (insn.opcode & 1) == 0 ? 1 : insn.size == 2 ? 2 : 4;
  }

  private int port(boolean immediate, Insn insn) {
    return immediate ? (int) insn.immediate & 0xff : (int) core.gpr[2] & 0xffff;
  }

  void in(Insn insn, boolean immediate) {
    int size = width(insn);
    int port = port(immediate, insn);
    check(port, size);
    if (system.controls.ioExiting) {
      throw system.exit(
          ExitReason.IO, size - 1 | IN | (immediate ? IMMEDIATE : 0) | (long) port << 16);
    }
    long mask = (1L << (size << 3)) - 1;
    core.gpr[0] = size == 4 ? mask : core.gpr[0] | mask;
  }

  void out(Insn insn, boolean immediate) {
    int size = width(insn);
    int port = port(immediate, insn);
    check(port, size);
    if (system.controls.ioExiting) {
      throw system.exit(ExitReason.IO, size - 1 | (immediate ? IMMEDIATE : 0) | (long) port << 16);
    }
  }

  void string(Insn insn, boolean in) {
    int size = width(insn);
    int port = port(false, insn);
    long mask = addressMask(insn);
    boolean repeated = insn.has(Insn.REP | Insn.REPNE);
    if (repeated && (core.gpr[1] & mask) == 0) {
      return;
    }
    check(port, size);
    int index = in ? 7 : 6;
    int segment = in ? SegmentRegister.ES : insn.segment;
    long offset = core.gpr[index] & mask;
    if (system.controls.ioExiting && !system.controls.tdMode) {
      probe(core.address(segment, offset, size, in), size, in);
    }
    if (system.controls.ioExiting) {
      system.exit.guestLinearAddress = core.effectiveBase[segment] + offset;
      int sizeCode = insn.addressSize == 2 ? 0 : insn.addressSize == 4 ? 1 : 2;
      system.exit.instructionInfo = sizeCode << 7 | segment << 15;
      throw system.exit(
          ExitReason.IO,
          size - 1 | (in ? IN : 0) | STRING | (repeated ? REPEATED : 0) | (long) port << 16);
    }
    long linear = core.address(segment, offset, size, in);
    if (in) {
      core.store(linear, size, -1);
    } else {
      core.probeRead(linear, size);
    }
    long step = (core.flags.control & Flags.DF) != 0 ? -size : size;
    advance(index, step, mask);
    if (repeated) {
      advance(1, -1, mask);
      core.rip = insn.rip;
    }
  }

  /**
   * The access as a hypervisor that emulates the instruction checks it: a page fault is the guest's
   * own, memory that is missing is an EPT violation, and only then is the instruction an exit.
   */
  private void probe(long linear, int size, boolean write) {
    if (write) {
      core.probeWrite(linear, size);
    } else {
      core.probeRead(linear, size);
    }
  }

  private static long addressMask(Insn insn) {
    return insn.addressSize == 2 ? 0xffff : insn.addressSize == 4 ? 0xffff_ffffL : -1;
  }

  private void advance(int register, long step, long mask) {
    long value = core.gpr[register];
    long next = value + step & mask;
    core.gpr[register] = mask == 0xffff ? value & ~mask | next : next;
  }
}
