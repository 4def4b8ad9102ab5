package org.swtdx.kvm;

import org.swtdx.cpu.CpuState;

/**
 * Translates linear addresses of an ordinary vCPU through its own page tables, for the instructions
 * that KVM emulates itself. Permissions are not checked: the processor did when it exited.
 */
final class GuestWalk {
  /** No translation. */
  static final long NONE = LinearTranslation.NONE;

  private final VmxVcpu vcpu;
  private final VmxVm vm;
  private final LinearTranslation tables;

  GuestWalk(VmxVcpu vcpu, CpuState state) {
    this.vcpu = vcpu;
    vm = vcpu.vm();
    tables = new LinearTranslation(state, this::load);
  }

  /** The guest physical address of {@code linear}, or {@link #NONE}. */
  long translate(long linear) {
    return tables.translate(linear);
  }

  private long uaddr(long gpa) {
    MemSlot slot = vm.slots().find(gpa >>> 12);
    return slot == null ? NONE : slot.uaddrOf(gpa >>> 12) + (gpa & 0xfff);
  }

  private long load(long gpa, int size) {
    long at = uaddr(gpa);
    return at == NONE ? 0 : vm.memory().load(at, size);
  }

  /** Whether the bytes at {@code linear} are in memory that can be read, and written if need be. */
  boolean mapped(long linear, int size, boolean write) {
    for (int i = 0; i < size; i += Math.max(1, size - 1)) {
      long gpa = translate(linear + i);
      if (gpa == NONE || !isMemory(gpa, write)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a guest physical address is in memory that can be read, and written if need be. */
  boolean isMemory(long gpa, boolean write) {
    MemSlot slot = vm.slots().find(gpa >>> 12);
    return slot != null && !(write && slot.readOnly());
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
