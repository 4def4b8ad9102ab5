package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOENT;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;
import static org.swtdx.kvm.uapi.Errno.ENOSPC;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCoalescedMmioZone;
import org.swtdx.kvm.uapi.KvmIoeventfd;

/**
 * What a guest's write to a port or to an address without memory meets before it leaves to user
 * space: eventfds to signal, and zones whose writes are collected in a ring.
 */
final class IoBus {
  private static final int MAX_DEVICES = 1000;

  /** Eventfds do not count among the devices; that many fill the memory Linux has for a bus. */
  private static final int MAX_EVENTS = 1 << 16;

  private final Vm vm;
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final List<KvmCoalescedMmioZone> zones = new CopyOnWriteArrayList<>();
  private volatile @Nullable CoalescedRing ring;

  private record Event(
      boolean pio, long addr, int length, boolean any, long value, EventFd eventFd) {
    boolean matches(boolean onPort, long at, int size, long written) {
      return pio == onPort
          && addr == at
          && (length == 0 || length == size && (any || written == value));
    }

    boolean collides(Event other) {
      return pio == other.pio
          && addr == other.addr
          && (length == 0
              || other.length == 0
              || length == other.length && (any || other.any || value == other.value));
    }
  }

  IoBus(Vm vm) {
    this.vm = vm;
  }

  /** The ring that all vCPUs' writes to zones go to: in the first vCPU's shared pages. */
  void ring(CoalescedRing first) {
    if (ring == null) {
      ring = first;
    }
  }

  /**
   * Offers a guest's write.
   *
   * @param size 1, 2, 4 or 8
   * @param value the bytes written, zero-extended
   * @return whether it was taken
   */
  boolean write(boolean pio, long addr, int size, long value) {
    for (Event event : events) {
      if (event.matches(pio, addr, size, value)) {
        event.eventFd.signal();
        return true;
      }
    }
    CoalescedRing target = ring;
    if (target != null) {
      for (KvmCoalescedMmioZone zone : zones) {
        if ((zone.pio() != 0) == pio && contains(zone, addr, size)) {
          return target.add(addr, size, value, pio);
        }
      }
    }
    return false;
  }

  private static boolean contains(KvmCoalescedMmioZone zone, long addr, long size) {
    long end = zone.addr() + Integer.toUnsignedLong(zone.size());
    return Long.compareUnsigned(addr, zone.addr()) >= 0
        && Long.compareUnsigned(addr + size, addr) >= 0
        && Long.compareUnsigned(addr + size, end) <= 0;
  }

  /** KVM_IOEVENTFD. */
  int ioeventfd(KvmIoeventfd request) {
    boolean pio = (request.flags() & KvmIoeventfd.PIO) != 0;
    boolean match = (request.flags() & KvmIoeventfd.DATAMATCH) != 0;
    boolean deassign = (request.flags() & KvmIoeventfd.DEASSIGN) != 0;
    if (!deassign && !valid(request, match)) {
      return -EINVAL;
    }
    EventFd eventFd = vm.process().eventFd(request.fd());
    if (eventFd == null) {
      return vm.process().isOpen(request.fd()) ? -EINVAL : -EBADF;
    }
    Event event =
        new Event(
            pio, request.addr(), request.len(), !match, match ? request.datamatch() : 0, eventFd);
    synchronized (events) {
      if (deassign) {
        return events.remove(event) ? 0 : -ENOENT;
      }
      for (Event other : events) {
        if (event.collides(other)) {
          return -EEXIST;
        }
      }
      if (events.size() >= MAX_EVENTS) {
        return -ENOMEM;
      }
      events.add(event);
      return 0;
    }
  }

  private static boolean valid(KvmIoeventfd request, boolean match) {
    int length = request.len();
    return (length == 0 || length == 1 || length == 2 || length == 4 || length == 8)
        && Long.compareUnsigned(request.addr() + length, request.addr()) >= 0
        && (request.flags() & ~KvmIoeventfd.VALID_FLAGS) == 0
        && !(length == 0 && match);
  }

  /** KVM_REGISTER_COALESCED_MMIO. */
  int register(KvmCoalescedMmioZone zone) {
    if (zone.pio() != 0 && zone.pio() != 1) {
      return -EINVAL;
    }
    synchronized (events) {
      if (zones.size() >= MAX_DEVICES) {
        return -ENOSPC;
      }
      zones.add(zone);
      return 0;
    }
  }

  /** KVM_UNREGISTER_COALESCED_MMIO: removes every zone that covers the one given. */
  int unregister(KvmCoalescedMmioZone zone) {
    if (zone.pio() != 0 && zone.pio() != 1) {
      return -EINVAL;
    }
    long size = Integer.toUnsignedLong(zone.size());
    zones.removeIf(other -> other.pio() == zone.pio() && contains(other, zone.addr(), size));
    return 0;
  }
}
