package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.irqchip.PicPair;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmMsi;

/**
 * Message-signalled interrupts, and the routes from GSIs to them and to the inputs of in-kernel
 * chips. The level of a GSI is the OR of what its sources drive. Thread-safe.
 */
final class IrqRoutes {
  static final int MAX_ROUTES = 4096;

  /** Sources that drive GSIs: user space, the in-kernel timer, eventfds of either kind. */
  static final int SOURCE_USER = 1, SOURCE_PIT = 2, SOURCE_EVENTFD = 4, SOURCE_RESAMPLE = 8;

  private static final int MSI_VALID_DEVICE = 1;
  private static final int LEVEL_TRIGGERED = 1 << 15;

  /** Where a GSI leads. */
  private sealed interface Route {
    /** The chip it leads to, {@code KVM_IRQCHIP_*}. */
    default int chip() {
      return switch (this) {
        case PicInput(int input) -> input < 8 ? KvmIrqchip.PIC_MASTER : KvmIrqchip.PIC_SLAVE;
        case IoApicPin _ -> KvmIrqchip.IOAPIC;
        case Message _ -> -1;
      };
    }

    record PicInput(int input) implements Route {}

    record IoApicPin(int pin) implements Route {}

    record Message(long address, int data) implements Route {}
  }

  private final Vm vm;
  private final AtomicIntegerArray levels = new AtomicIntegerArray(MAX_ROUTES);
  private volatile List<Route>[] routes = empty();
  private volatile long[] levelVectors = {0, 0, 0, 0};

  IrqRoutes(Vm vm) {
    this.vm = vm;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // an array of lists
  private static List<Route>[] empty() {
    List<Route>[] table = new List[MAX_ROUTES];
    java.util.Arrays.fill(table, List.of());
    return table;
  }

  /** The routes that KVM_CREATE_IRQCHIP sets up: each GSI to the 8259 and I/O APIC input. */
  void setDefaults() {
    List<Route>[] table = empty();
    for (int gsi = 0; gsi < IoApic.PINS; gsi++) {
      Route pin = new Route.IoApicPin(gsi);
      table[gsi] = gsi < PicPair.LINES ? List.of(new Route.PicInput(gsi), pin) : List.of(pin);
    }
    routes = table;
  }

  /** KVM_SET_GSI_ROUTING: replaces all routes. */
  int set(KvmIrqRouting table) {
    if (table.flags() != 0 || table.nr() < 0 || table.nr() > MAX_ROUTES) {
      return -EINVAL;
    }
    List<Route>[] result = empty();
    long[] vectors = {0, 0, 0, 0};
    for (int i = 0; i < table.nr(); i++) {
      int gsi = table.gsi(i);
      Route route = gsi < 0 || gsi >= MAX_ROUTES ? null : parse(table, i);
      if (route == null || !fits(result[gsi], route)) {
        return -EINVAL;
      }
      List<Route> longer = new ArrayList<>(result[gsi]);
      longer.add(route);
      result[gsi] = List.copyOf(longer);
      if (gsi < vm.splitPins()
          && route instanceof Route.Message(_, int data)
          && (data & LEVEL_TRIGGERED) != 0) {
        vectors[data >>> 6 & 3] |= 1L << data;
      }
    }
    routes = result;
    levelVectors = vectors;
    return 0;
  }

  /** With ids of 32 bits, the low byte of the upper half of an address must be 0. */
  private boolean isReserved(int addressHi) {
    return vm.options.has32BitApicIds() && (addressHi & 0xff) != 0;
  }

  private @Nullable Route parse(KvmIrqRouting table, int i) {
    return switch (table.type(i)) {
      case KvmIrqRouting.MSI ->
          (table.entryFlags(i) & ~MSI_VALID_DEVICE) != 0 || isReserved(table.msiAddressHi(i))
              ? null
              : new Route.Message(
                  (long) table.msiAddressHi(i) << 32 | table.msiAddressLo(i) & 0xffff_ffffL,
                  table.msiData(i));
      case KvmIrqRouting.IRQCHIP ->
          table.entryFlags(i) != 0 || vm.irqchip() == null
              ? null
              : chipRoute(table.chip(i), table.pin(i));
      default -> null;
    };
  }

  private static @Nullable Route chipRoute(int chip, int pin) {
    int pins = chip == KvmIrqchip.IOAPIC ? IoApic.PINS : PicPair.LINES / 2;
    if (pin < 0 || pin >= pins) {
      return null;
    }
    return switch (chip) {
      case KvmIrqchip.PIC_MASTER -> new Route.PicInput(pin);
      case KvmIrqchip.PIC_SLAVE -> new Route.PicInput(8 + pin);
      case KvmIrqchip.IOAPIC -> new Route.IoApicPin(pin);
      default -> null;
    };
  }

  /** A GSI leads to one input of each chip at most, and a message is alone. */
  private static boolean fits(List<Route> present, Route route) {
    for (Route other : present) {
      if (route instanceof Route.Message || other.chip() == route.chip()) {
        return false;
      }
    }
    return present.isEmpty() || !(present.getFirst() instanceof Route.Message);
  }

  /**
   * A source drives a GSI.
   *
   * @return how many took it; 0 if it joined an earlier one, -1 if nobody did
   */
  int drive(int source, int gsi, boolean level) {
    if (gsi < 0 || gsi >= MAX_ROUTES) {
      return -1;
    }
    int now = levels.updateAndGet(gsi, sources -> level ? sources | source : sources & ~source);
    int result = -1;
    for (Route route : routes[gsi]) {
      int taken = drive(route, now != 0, level);
      if (taken >= 0) {
        result = Math.max(result, 0) + taken;
      }
    }
    return result;
  }

  private int drive(Route route, boolean level, boolean mine) {
    Irqchip chip = vm.irqchip();
    return switch (route) {
      case Route.Message(long address, int data) -> mine ? send(address, data) : -1;
      case Route.PicInput(int input) -> chip == null ? -1 : chip.setPicLine(input, level);
      case Route.IoApicPin(int pin) -> chip == null ? -1 : chip.setIoApicPin(pin, level);
    };
  }

  /** Raises a GSI for a moment, as an edge. */
  int raise(int gsi) {
    int result = drive(SOURCE_USER, gsi, true);
    drive(SOURCE_USER, gsi, false);
    return result;
  }

  /** KVM_SIGNAL_MSI. */
  int signal(KvmMsi msi) {
    if ((msi.flags() & ~MSI_VALID_DEVICE) != 0) {
      return -EINVAL;
    }
    if (isReserved(msi.addressHi())) {
      return -EINVAL;
    }
    return send((long) msi.addressHi() << 32 | msi.addressLo() & 0xffff_ffffL, msi.data());
  }

  /** Whether some route is level-triggered, so that ends of interrupts matter to user space. */
  boolean wantsEndOfInterrupt() {
    long[] vectors = levelVectors;
    return (vectors[0] | vectors[1] | vectors[2] | vectors[3]) != 0;
  }

  /** Whether some route sends {@code vector} level-triggered. */
  boolean isLevelTriggered(int vector) {
    return (levelVectors[vector >>> 6 & 3] >>> vector & 1) != 0;
  }

  /** Sends a message; returns 1 if a local APIC took it, else 0. */
  int send(long address, int data) {
    int upper = vm.options.has32BitApicIds() ? (int) (address >>> 32) & 0xffff_ff00 : 0;
    int destination = (int) (address >>> 12) & 0xff | upper;
    boolean logical = (address & 4) != 0;
    boolean lowest = (address & 8) != 0 && (data >>> 8 & 7) == Lapic.MODE_FIXED && logical;
    int mode = lowest ? Lapic.MODE_LOWEST : data >>> 8 & 7;
    boolean level = (data & LEVEL_TRIGGERED) != 0;
    int accepted = Lapic.deliver(vm, destination, logical, false, mode, data & 0xff, level);
    return accepted > 0 ? 1 : 0;
  }
}
