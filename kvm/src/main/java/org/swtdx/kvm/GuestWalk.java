package org.swtdx.kvm;

import org.swtdx.cpu.CpuState;

/**
 * Translates linear addresses of an ordinary vCPU through its own page tables, for the instructions
 * that KVM emulates itself. Permissions are not checked: the processor did when it exited.
 */
final class GuestWalk {
  /** No translation. */
  static final long NONE = -1;

  private static final int EFER = 0xc000_0080;
  private static final long PRESENT = 1;
  private static final long LARGE = 1 << 7;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  private final VmxVcpu vcpu;
  private final VmxVm vm;
  private final CpuState state;

  GuestWalk(VmxVcpu vcpu, CpuState state) {
    this.vcpu = vcpu;
    vm = vcpu.vm();
    this.state = state;
  }

  /** The guest physical address of {@code linear}, or {@link #NONE}. */
  long translate(long linear) {
    if ((state.cr(0) & 1L << 31) == 0) {
      return linear & 0xffff_ffffL;
    }
    if ((state.cr(4) & 1 << 5) == 0) {
      return twoLevels(linear & 0xffff_ffffL);
    }
    boolean longMode = (state.msr(EFER) & 1 << 10) != 0;
    int levels = !longMode ? 3 : (state.cr(4) & 1 << 12) != 0 ? 5 : 4;
    long table = longMode ? state.cr(3) & ADDRESS : state.cr(3) & 0xffff_ffe0L;
    long address = longMode ? linear : linear & 0xffff_ffffL;
    for (int level = levels; level > 0; level--) {
      int shift = 3 + 9 * level;
      long entry = load(table + 8 * (address >>> shift & 0x1ff), 8);
      if ((entry & PRESENT) == 0) {
        return NONE;
      }
      if (level == 1 || level < 4 && (entry & LARGE) != 0) {
        long offset = (1L << shift) - 1;
        return entry & ADDRESS & ~offset | address & offset;
      }
      table = entry & ADDRESS;
    }
    return NONE;
  }

  private long twoLevels(long linear) {
    long entry = load((state.cr(3) & 0xffff_f000L) + 4 * (linear >>> 22), 4);
    if ((entry & PRESENT) == 0) {
      return NONE;
    }
    if ((entry & LARGE) != 0 && (state.cr(4) & 1 << 4) != 0) {
      return (entry >>> 13 & 0xff) << 32 | entry & 0xffc0_0000L | linear & 0x3f_ffff;
    }
    entry = load((entry & 0xffff_f000L) + 4 * (linear >>> 12 & 0x3ff), 4);
    return (entry & PRESENT) == 0 ? NONE : entry & 0xffff_f000L | linear & 0xfff;
  }

  private long uaddr(long gpa) {
    MemSlot slot = vm.slots().find(gpa >>> 12);
    return slot == null ? NONE : slot.uaddrOf(gpa >>> 12) + (gpa & 0xfff);
  }

  private long load(long gpa, int size) {
    long at = uaddr(gpa);
    return at == NONE ? 0 : vm.memory().load(at, size);
  }

  /** Whether the bytes at {@code linear} are in memory. */
  boolean mapped(long linear, int size) {
    for (int i = 0; i < size; i += Math.max(1, size - 1)) {
      long gpa = translate(linear + i);
      if (gpa == NONE || uaddr(gpa) == NONE) {
        return false;
      }
    }
    return true;
  }

  /** Reads guest memory that is {@link #mapped}. */
  long read(long linear, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | load(translate(linear + i), 1);
    }
    return value;
  }

  /** Writes guest memory that is {@link #mapped}. */
  void write(long linear, int size, long value) {
    for (int i = 0; i < size; i++) {
      long gpa = translate(linear + i);
      long at = uaddr(gpa);
      MemSlot slot = vm.slots().find(gpa >>> 12);
      if (at != NONE && slot != null && !slot.readOnly()) {
        vm.memory().store(at, 1, value >>> 8 * i);
        vm.slotTable.markWritten(vcpu, slot, gpa >>> 12);
      }
    }
  }
}
