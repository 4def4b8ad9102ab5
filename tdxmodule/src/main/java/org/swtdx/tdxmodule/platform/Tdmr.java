package org.swtdx.tdxmodule.platform;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A TD memory region and its part of the PAMT. Arrays for 4 KiB entries come into being with the
 * first use of their 2 MiB block, so a region costs what is touched.
 */
public final class Tdmr {
  /**
   * A part of a TDMR that holds no TD memory, or a PAMT area.
   *
   * @param base first byte
   * @param size bytes
   */
  public record Range(long base, long size) {
    /** First byte after the range. */
    public long end() {
      return base + size;
    }

    /** Whether the two ranges share a byte. */
    public boolean overlaps(long otherBase, long otherSize) {
      return base < otherBase + otherSize && otherBase < end();
    }
  }

  private static final int WORDS_PER_ENTRY = 2;
  private static final int ENTRIES = 512;

  private final long base;
  private final long size;
  private final List<Range> reserved;
  private final List<Range> pamtAreas;
  private final SharexLock initLock = new SharexLock();
  private final AtomicReferenceArray<long @Nullable []> pages4k;
  private final AtomicReferenceArray<long @Nullable []> pages2m;
  private final long[] pages1g;
  private final AtomicReferenceArray<@Nullable SharexLock> locks1g;
  private final AtomicReferenceArray<@Nullable SharexLock> locks2m;
  private final ConcurrentHashMap<Long, SharexLock> locks4k = new ConcurrentHashMap<>();
  private volatile long initialized;

  /**
   * Describes a region.
   *
   * @param base first byte, 1 GiB aligned
   * @param size bytes, a multiple of 1 GiB
   * @param reserved ascending reserved areas
   * @param pamtAreas the memory of its PAMT for 4 KiB, 2 MiB and 1 GiB pages, in that order
   */
  public Tdmr(long base, long size, List<Range> reserved, List<Range> pamtAreas) {
    this.base = base;
    this.size = size;
    this.reserved = List.copyOf(reserved);
    this.pamtAreas = List.copyOf(pamtAreas);
    pages4k = new AtomicReferenceArray<>((int) (size >>> 21));
    pages2m = new AtomicReferenceArray<>((int) (size >>> 30));
    pages1g = new long[(int) (size >>> 30) * WORDS_PER_ENTRY];
    locks1g = new AtomicReferenceArray<>((int) (size >>> 30));
    locks2m = new AtomicReferenceArray<>((int) (size >>> 21));
    initialized = base;
  }

  /** First byte. */
  public long base() {
    return base;
  }

  /** First byte after the region. */
  public long end() {
    return base + size;
  }

  /** The memory of its PAMT for pages of {@code level}. */
  public Range pamtArea(int level) {
    return pamtAreas.get(level);
  }

  /** Taken by TDH.SYS.TDMR.INIT. */
  public SharexLock initLock() {
    return initLock;
  }

  /** The next byte to initialize; needs {@link #initLock}. */
  public long initialized() {
    return initialized;
  }

  /** Records progress of the initialization. */
  public void setInitialized(long next) {
    initialized = next;
  }

  /** Whether the 1 GiB block of {@code hpa} is in the region and completely initialized. */
  public boolean usable(long hpa) {
    return hpa >= base && hpa < (initialized & -PageSize.bytes(PageSize.LEVEL_1G));
  }

  /** Whether the page at {@code hpa} shares a byte with a reserved area. */
  public boolean isReserved(long hpa, int level) {
    for (Range r : reserved) {
      if (r.overlaps(hpa, PageSize.bytes(level))) {
        return true;
      }
    }
    return false;
  }

  /** The entry for the page of size {@code level} around {@code hpa}, which must be inside. */
  public PamtEntry entry(long hpa, int level) {
    long pageBase = hpa & -PageSize.bytes(level);
    int number = (int) ((pageBase - base) >>> PageSize.shift(level));
    long[] words =
        switch (level) {
          case PageSize.LEVEL_4K -> block(pages4k, number / ENTRIES, pageBase, level);
          case PageSize.LEVEL_2M -> block(pages2m, number / ENTRIES, pageBase, level);
          default -> pages1g;
        };
    int slot = level == PageSize.LEVEL_1G ? number : number % ENTRIES;
    SharexLock ownLock =
        switch (level) {
          case PageSize.LEVEL_4K -> null;
          case PageSize.LEVEL_2M -> lock(locks2m, number);
          default -> lock(locks1g, number);
        };
    PamtEntry entry = new PamtEntry(words, slot * WORDS_PER_ENTRY, pageBase, level, ownLock);
    return ownLock == null && entry.hasOwnLock() ? entry.with(locks4k.get(pageBase)) : entry;
  }

  /** Gives the entry of a page that becomes a TDR, locked exclusively, a lock of its own. */
  public void giveOwnLock(PamtEntry entry) {
    locks4k.computeIfAbsent(entry.hpa(), _ -> new SharexLock());
    entry.giveOwnLock();
  }

  private static SharexLock lock(AtomicReferenceArray<@Nullable SharexLock> locks, int number) {
    SharexLock lock = locks.get(number);
    if (lock == null) {
      SharexLock fresh = new SharexLock();
      SharexLock raced = locks.compareAndExchange(number, null, fresh);
      lock = raced == null ? fresh : raced;
    }
    return lock;
  }

  /** Whether any 4 KiB entry of the 2 MiB block at {@code hpa} was ever used. */
  public boolean has4kEntries(long hpa) {
    return pages4k.get((int) ((hpa - base) >>> 21)) != null;
  }

  private long[] block(AtomicReferenceArray<long @Nullable []> blocks, int i, long hpa, int level) {
    long[] words = blocks.get(i);
    if (words == null) {
      words = new long[ENTRIES * WORDS_PER_ENTRY];
      long first = hpa & -PageSize.bytes(level + 1);
      for (int e = 0; e < ENTRIES && level == PageSize.LEVEL_4K; e++) {
        long page = first + ((long) e << PageSize.shift(level));
        if (isReserved(page, level)) {
          new PamtEntry(words, e * WORDS_PER_ENTRY, page, level, null).assign(PageType.RSVD, 0);
        }
      }
      long[] raced = blocks.compareAndExchange(i, null, words);
      words = raced == null ? words : raced;
    }
    return words;
  }
}
