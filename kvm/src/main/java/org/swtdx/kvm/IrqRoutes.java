package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmMsi;

/** Message-signalled interrupts, and the routes from GSIs to them. */
final class IrqRoutes {
  static final int MAX_ROUTES = 4096;

  private static final int NO_MESSAGE = 0;

  private final Vm vm;
  private volatile long[] routes = new long[0];

  IrqRoutes(Vm vm) {
    this.vm = vm;
  }

  /** KVM_SET_GSI_ROUTING: replaces all routes. */
  int set(KvmIrqRouting table) {
    if (table.flags() != 0 || table.nr() < 0 || table.nr() > MAX_ROUTES) {
      return -EINVAL;
    }
    long[] result = new long[2 * MAX_ROUTES];
    for (int i = 0; i < table.nr(); i++) {
      int gsi = table.gsi(i);
      if (gsi < 0
          || gsi >= MAX_ROUTES
          || table.type(i) != KvmIrqRouting.MSI
          || table.entryFlags(i) != 0) {
        return -EINVAL;
      }
      result[2 * gsi] = (long) table.msiAddressHi(i) << 32 | table.msiAddressLo(i) & 0xffff_ffffL;
      result[2 * gsi + 1] = 1L << 32 | table.msiData(i) & 0xffff_ffffL;
    }
    routes = result;
    return 0;
  }

  /** Raises a GSI: sends its message, if it has one. */
  int raise(int gsi) {
    long[] table = routes;
    if (gsi < 0 || 2 * gsi + 1 >= table.length || table[2 * gsi + 1] == NO_MESSAGE) {
      return 0;
    }
    long address = table[2 * gsi];
    return send(address, (int) table[2 * gsi + 1]);
  }

  /** KVM_SIGNAL_MSI. */
  int signal(KvmMsi msi) {
    if (msi.flags() != 0) {
      return -EINVAL;
    }
    return send((long) msi.addressHi() << 32 | msi.addressLo() & 0xffff_ffffL, msi.data());
  }

  /** Whether some route sends {@code vector} level-triggered. */
  boolean isLevelTriggered(int vector) {
    long[] table = routes;
    for (int i = 1; i < table.length; i += 2) {
      if (table[i] != NO_MESSAGE && (table[i] & 0xff) == vector && (table[i] & 1 << 15) != 0) {
        return true;
      }
    }
    return false;
  }

  private int send(long address, int data) {
    int destination = (int) (address >>> 12) & 0xff | (int) (address >>> 32) & 0xffff_ff00;
    boolean logical = (address & 4) != 0;
    boolean lowest = (address & 8) != 0 && (data >>> 8 & 7) == Lapic.MODE_FIXED && logical;
    int mode = lowest ? Lapic.MODE_LOWEST : data >>> 8 & 7;
    int accepted = Lapic.deliver(vm, destination, logical, destination == 0xff, mode, data & 0xff);
    return accepted > 0 ? 1 : 0;
  }
}
