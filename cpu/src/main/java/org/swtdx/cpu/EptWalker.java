package org.swtdx.cpu;

import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.memory.seam.PhysicalBus;

/**
 * Second-level translation through extended page tables in physical memory (KeyID 0), SDM Vol. 3C
 * 30.3. Whoever changes an entry calls {@link Processor#flushTranslations} on every processor that
 * uses the tables. Thread-safe; entries are read at each translation.
 */
public final class EptWalker implements GuestPhysicalMap {
  private static final long PRESENT_MASK = READ | WRITE | EXECUTE;
  private static final long LARGE = 1L << 7;
  private static final long SUPPRESS_VE = 1L << 63;
  private static final long ADDRESS_MASK = 0x000f_ffff_ffff_f000L;

  private final PhysicalBus bus;
  private final PhysicalAddressLayout layout;
  private final long rootRaw;
  private final int levels;

  /**
   * Walks the tables at {@code rootRaw}.
   *
   * @param memory the memory that holds the tables
   * @param rootRaw keyed host physical address of the top-level table, 4 KiB aligned
   * @param levels page-walk length, 4 or 5
   */
  public EptWalker(PhysicalMemory memory, long rootRaw, int levels) {
    if (levels != 4 && levels != 5) {
      throw new IllegalArgumentException("EPT page-walk length must be 4 or 5, not " + levels);
    }
    this.bus = PhysicalBus.of(memory);
    this.layout = memory.layout();
    this.rootRaw = rootRaw & ADDRESS_MASK;
    this.levels = levels;
  }

  @Override
  public long translate(long gpaRaw, int access, EptFault fault) {
    if (gpaRaw >>> 12 + 9 * levels != 0) {
      return violation(fault, 0, false);
    }
    long table = rootRaw;
    long permissions = PRESENT_MASK;
    for (int level = levels; ; level--) {
      int shift = 3 + 9 * level;
      long entry = bus.load(table | (gpaRaw >>> shift & 0x1ff) << 3, 8);
      if ((entry & PRESENT_MASK) == 0) {
        return violation(fault, 0, (entry & SUPPRESS_VE) == 0);
      }
      boolean leaf = level == 1 || level <= 3 && (entry & LARGE) != 0;
      if (misconfigured(entry, level, leaf)) {
        fault.misconfiguration = true;
        fault.convertible = false;
        fault.permissions = 0;
        fault.qualification = 0;
        return FAULT;
      }
      permissions &= entry;
      if (leaf) {
        if ((permissions & access) == 0) {
          return violation(fault, (int) permissions << 3, (entry & SUPPRESS_VE) == 0);
        }
        long offset = (1L << shift) - 1;
        return entry & ADDRESS_MASK & ~offset | gpaRaw & offset;
      }
      table = entry & ADDRESS_MASK;
    }
  }

  private static long violation(EptFault fault, int permissions, boolean convertible) {
    fault.misconfiguration = false;
    fault.convertible = convertible;
    fault.permissions = permissions & 7 << 3;
    fault.qualification = 0;
    return FAULT;
  }

  /** The reserved settings of SDM Vol. 3C 30.3.3.1. */
  private boolean misconfigured(long entry, int level, boolean leaf) {
    if ((entry & (READ | WRITE)) == WRITE) {
      return true;
    }
    long address = entry & ADDRESS_MASK;
    if (address >>> layout.maxPhysicalAddressBits() != 0 || layout.isTdx(layout.keyIdOf(address))) {
      return true;
    }
    if (!leaf) {
      return (entry & 0x78) != 0 || level > 3 && (entry & LARGE) != 0;
    }
    int type = (int) (entry >>> 3) & 7;
    long below = level == 1 ? 0 : (1L << 3 + 9 * level) - 1 & ADDRESS_MASK;
    return type == 2 || type == 3 || type == 7 || (entry & below) != 0;
  }
}
