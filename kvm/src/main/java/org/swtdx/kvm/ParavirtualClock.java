package org.swtdx.kvm;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Environment;

/**
 * The kvmclock of an ordinary vCPU: where in guest memory KVM writes by which factor and offset the
 * guest computes the VM's time from its TSC ({@code struct pvclock_vcpu_time_info}), and the wall
 * clock at that time's zero ({@code struct pvclock_wall_clock}). Used by the thread that holds the
 * vCPU's mutex, except for {@link #outdate}.
 */
final class ParavirtualClock {
  private static final long ENABLED = 1;
  private static final int TSC_STABLE = 1, GUEST_STOPPED = 2;
  private static final long NANOS = 1_000_000_000;
  private static final long UPPER_HALF = 0xffff_ffffL << 32;

  private final VmxVcpu vcpu;
  private final VmxVm vm;
  private long systemTime;
  private long wallClock;
  private boolean stopped;
  private volatile boolean outdated;

  ParavirtualClock(VmxVcpu vcpu, VmxVm vm) {
    this.vcpu = vcpu;
    this.vm = vm;
  }

  /** KVM_FEATURE_CLOCKSOURCE and KVM_FEATURE_CLOCKSOURCE2: the address, and bit 0 to enable. */
  long systemTime() {
    return systemTime;
  }

  /** Sets {@link #systemTime()}; the next entry writes there. */
  void systemTime(long value) {
    systemTime = value;
    outdated = true;
  }

  /** The address that the wall clock was asked for at. */
  long wallClock() {
    return wallClock;
  }

  /** Writes the wall clock to guest memory. */
  void wallClock(long address) {
    wallClock = address;
    if (address == 0) {
      return;
    }
    Environment environment = vm.platform().environment();
    long epoch = environment.wallClockMillis() * 1_000_000 - vm.clock.at(environment.tsc());
    int version = (int) load(address, 4) | 1;
    store(address, 4, version);
    store(address + 4, 4, epoch / NANOS);
    store(address + 8, 4, epoch % NANOS);
    store(address, 4, version + 1);
  }

  /** KVM_KVMCLOCK_CTRL: tells the guest that it was stopped; false when it has no clock. */
  boolean guestWasStopped() {
    boolean active = (systemTime & ENABLED) != 0;
    stopped |= active;
    outdated |= active;
    return active;
  }

  /** INIT takes it away. */
  void reset() {
    systemTime = 0;
  }

  /** What the guest was told is no longer true; any thread. */
  void outdate() {
    outdated = true;
  }

  /** Before an entry: tells the guest what changed. */
  void enter() {
    if (outdated) {
      outdated = false;
      if ((systemTime & ENABLED) != 0) {
        update(systemTime & ~ENABLED);
      }
    }
  }

  private void update(long address) {
    long hertz = vcpu.tscKhz() * 1000L;
    int shift = 0;
    long numerator = NANOS;
    long rate = hertz;
    while (rate > 2 * NANOS || (rate & UPPER_HALF) != 0) {
      rate >>>= 1;
      shift--;
    }
    while (rate <= numerator) {
      rate <<= 1;
      shift++;
    }
    int version = (int) load(address, 4) | 1;
    store(address, 4, version);
    long tsc = vm.platform().environment().tsc();
    store(address + 8, 8, vcpu.guestTsc(tsc));
    store(address + 16, 8, vm.clock.at(tsc));
    store(address + 24, 4, (numerator << 32) / rate);
    store(address + 28, 1, shift);
    store(address + 29, 1, TSC_STABLE | (stopped ? GUEST_STOPPED : 0));
    stopped = false;
    store(address, 4, version + 1);
  }

  private @Nullable MemSlot slot(long gpa) {
    return vm.slots().find(gpa >>> 12);
  }

  private long load(long gpa, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      MemSlot slot = slot(gpa + i);
      long at = slot == null ? 0 : slot.uaddrOf(gpa + i >>> 12) + (gpa + i & 0xfff);
      value = value << 8 | (slot == null ? 0 : vm.memory().load(at, 1));
    }
    return value;
  }

  /** Fields are aligned or in two pages; only memory that the guest could write is written. */
  private void store(long gpa, int bytes, long value) {
    MemSlot whole = slot(gpa);
    boolean aligned = (gpa & bytes - 1) == 0;
    for (int i = 0; i < bytes; i += aligned ? bytes : 1) {
      MemSlot slot = aligned ? whole : slot(gpa + i);
      if (slot != null && !slot.readOnly()) {
        long at = slot.uaddrOf(gpa + i >>> 12) + (gpa + i & 0xfff);
        vm.memory().store(at, aligned ? bytes : 1, value >>> 8 * i);
        vm.slotTable.markWritten(vcpu, slot, gpa + i >>> 12);
      }
    }
  }
}
