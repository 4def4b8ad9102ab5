package org.swtdx.cpu.mmu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.MmioBus;
import org.swtdx.memory.seam.MachineCheckException;
import org.swtdx.memory.seam.NativeAccess;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * Guest physical memory of one processor: second-level translation, then the bus. Absent memory
 * reads as all ones and drops writes.
 */
public final class PhysicalAccess {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Marks a guest physical address of device memory where a keyed host address is expected. */
  private static final long DEVICE = 1L << 62;

  private final PhysicalBus bus;
  private final GuestPhysicalMap map;
  private final MemoryFaults faults;
  private final EptFault fault = new EptFault();
  private @Nullable MmioBus devices;

  /** Joins a bus and a map. */
  public PhysicalAccess(PhysicalBus bus, GuestPhysicalMap map, MemoryFaults faults) {
    this.bus = bus;
    this.map = map;
    this.faults = faults;
  }

  /** Sets where accesses to device memory go; null when there is none to reach. */
  void devices(@Nullable MmioBus target) {
    devices = target;
  }

  /** Native address of a page for the TLB, or the bus's reasons against one. */
  long map(long keyed, boolean write) {
    return keyed >= DEVICE ? PhysicalBus.SLOW : bus.map(keyed, write);
  }

  /** Translates a guest physical address to a keyed host physical one, or exits. */
  long toHost(long gpaRaw, int access, long linear, boolean finalAccess) {
    MmioBus target = devices;
    if (target != null && finalAccess && access != GuestPhysicalMap.EXECUTE) {
      if (target.claims(gpaRaw)) {
        return DEVICE | gpaRaw;
      }
    }
    for (; ; ) {
      faults.enterMap();
      long keyed = GuestPhysicalMap.FAULT;
      boolean flushed;
      try {
        keyed = map.translate(gpaRaw, access, fault);
      } finally {
        flushed = faults.leaveMap();
      }
      if (flushed) {
        continue;
      }
      if (keyed == GuestPhysicalMap.FAULT) {
        throw faults.secondLevel(linear, gpaRaw, access, finalAccess, fault);
      }
      return keyed;
    }
  }

  /** Loads {@code size} bytes inside one page, zero-extended. */
  long load(long keyed, int size) {
    if (keyed >= DEVICE) {
      return loadDevice(keyed & ~DEVICE, size);
    }
    long address = bus.map(keyed, false);
    if (address >= 0) {
      return loadNative(address, size);
    }
    if (address == PhysicalBus.ABSENT) {
      return size == 8 ? -1 : (1L << (size << 3)) - 1;
    }
    try {
      return bus.load(keyed, size);
    } catch (MachineCheckException _) {
      throw faults.machineCheck();
    }
  }

  /** Stores {@code size} bytes inside one page. */
  void store(long keyed, int size, long value) {
    if (keyed >= DEVICE) {
      Objects.requireNonNull(devices).write(keyed & ~DEVICE, size, value);
      return;
    }
    long address = bus.map(keyed, true);
    if (address >= 0) {
      storeNative(address, size, value);
    } else if (address != PhysicalBus.ABSENT) {
      try {
        bus.store(keyed, size, value);
      } catch (MachineCheckException _) {
        throw faults.machineCheck();
      }
    }
  }

  /** Stores a whole line; the line becomes the writer's, whoever wrote it before. */
  void storeLine(long keyed, byte[] line) {
    if (keyed < DEVICE) {
      bus.write(keyed, line, 0, line.length);
      return;
    }
    for (int i = 0; i < line.length; i += 8) {
      store(keyed + i, 8, (long) LONGS.get(line, i));
    }
  }

  private long loadDevice(long gpaRaw, int size) {
    MmioBus target = Objects.requireNonNull(devices);
    if (!target.ready(gpaRaw, size)) {
      throw faults.deviceNotReady();
    }
    return target.read(gpaRaw, size);
  }

  /** Atomically replaces an aligned entry of 4 or 8 bytes; returns whether it was as expected. */
  boolean replace(long keyed, int size, long expected, long value) {
    try {
      return bus.compareAndExchange(keyed, size, expected, value) == expected;
    } catch (MachineCheckException _) {
      throw faults.machineCheck();
    }
  }

  static long loadNative(long address, int size) {
    return switch (size) {
      case 1 -> NativeAccess.load8(address);
      case 2 -> NativeAccess.load16(address);
      case 4 -> NativeAccess.load32(address) & 0xffff_ffffL;
      default -> NativeAccess.load64(address);
    };
  }

  static void storeNative(long address, int size, long value) {
    switch (size) {
      case 1 -> NativeAccess.store8(address, (int) value);
      case 2 -> NativeAccess.store16(address, (int) value);
      case 4 -> NativeAccess.store32(address, (int) value);
      default -> NativeAccess.store64(address, value);
    }
  }
}
