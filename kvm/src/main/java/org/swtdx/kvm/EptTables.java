package org.swtdx.kvm;

import java.util.Optional;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.HostView;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.PhysicalMemory;

/**
 * EPT tables in host memory: the EPT of an ordinary VM, or the shared EPT of a TD, whose guest
 * addresses have the SHARED bit set. Entries that map nothing suppress #VE, except those made by
 * {@link #mapMmio}. Not thread-safe: guarded by the VM's MMU lock.
 */
final class EptTables {
  private static final long RWX = 7;
  private static final long WRITE_BACK = 6 << 3;
  private static final long IGNORE_PAT = 1 << 6;
  private static final long SUPPRESS_VE = 1L << 63;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
  private static final int ENTRIES = 512;

  private final HostView host;
  private final FrameAllocator frames;
  private final int levels;
  private final Hpa root;
  private final byte[] emptyTable = new byte[Hpa.PAGE_SIZE];

  private EptTables(PhysicalMemory memory, FrameAllocator frames, int levels, Hpa root) {
    host = memory.host();
    this.frames = frames;
    this.levels = levels;
    this.root = root;
    for (int i = 7; i < emptyTable.length; i += 8) {
      emptyTable[i] = (byte) 0x80;
    }
    clear(root);
  }

  /** Makes empty tables of 4 or 5 levels; empty when there is no memory. */
  static Optional<EptTables> create(PhysicalMemory memory, FrameAllocator frames, int levels) {
    return frames.allocate().map(root -> new EptTables(memory, frames, levels, root));
  }

  private void clear(Hpa table) {
    host.write(table, emptyTable, 0, emptyTable.length);
  }

  /** The root table. */
  Hpa root() {
    return root;
  }

  /** Number of levels. */
  int levels() {
    return levels;
  }

  /** Maps the page of {@code gpa} to {@code hpa}; false when there is no memory for a table. */
  boolean map(long gpa, long hpa, boolean writable) {
    long permissions = writable ? RWX : RWX & ~2;
    return set(gpa, hpa | permissions | WRITE_BACK | IGNORE_PAT | SUPPRESS_VE);
  }

  /** Makes accesses to the page of {@code gpa} raise #VE; false when there is no memory. */
  boolean mapMmio(long gpa) {
    return set(gpa, 0);
  }

  private boolean set(long gpa, long leaf) {
    long table = root.value();
    for (int level = levels - 1; level > 0; level--) {
      Hpa slot = slot(table, gpa, level);
      long entry = host.read64(slot);
      if ((entry & RWX) == 0) {
        Optional<Hpa> frame = frames.allocate();
        if (frame.isEmpty()) {
          return false;
        }
        clear(frame.get());
        entry = frame.get().value() | RWX;
        host.write64(slot, entry);
      }
      table = entry & ADDRESS;
    }
    host.write64(slot(table, gpa, 0), leaf);
    return true;
  }

  private static Hpa slot(long table, long gpa, int level) {
    return new Hpa(table + 8 * (gpa >>> 12 + 9 * level & ENTRIES - 1));
  }

  /** The leaf entry for {@code gpa}, or a non-present one that suppresses #VE. */
  long leaf(long gpa) {
    long table = root.value();
    for (int level = levels - 1; level > 0; level--) {
      long entry = host.read64(slot(table, gpa, level));
      if ((entry & RWX) == 0) {
        return SUPPRESS_VE;
      }
      table = entry & ADDRESS;
    }
    return host.read64(slot(table, gpa, 0));
  }

  /**
   * Removes the mappings of {@code from} to {@code to}, exclusive; returns whether any was there.
   */
  boolean zap(long from, long to) {
    return zap(root.value(), levels - 1, from, to);
  }

  private boolean zap(long table, int level, long from, long to) {
    boolean any = false;
    int shift = 12 + 9 * level;
    for (long gpa = from; gpa < to; ) {
      long end = Math.min(to, (gpa >>> shift) + 1 << shift);
      Hpa slot = slot(table, gpa, level);
      long entry = host.read64(slot);
      if (level > 0) {
        any |= (entry & RWX) != 0 && zap(entry & ADDRESS, level - 1, gpa, end);
      } else if (entry != SUPPRESS_VE) {
        host.write64(slot, SUPPRESS_VE);
        any = true;
      }
      gpa = end;
    }
    return any;
  }

  /** Frees all tables. */
  void free() {
    free(root, levels - 1);
  }

  private void free(Hpa table, int level) {
    for (int i = 0; level > 0 && i < ENTRIES; i++) {
      long entry = host.read64(table.plus(8L * i));
      if ((entry & RWX) != 0) {
        free(new Hpa(entry & ADDRESS), level - 1);
      }
    }
    frames.free(table);
  }
}
