package org.swtdx.seamcall;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;

/**
 * A TD memory region under construction: 1 GiB granular, with its PAMT areas, and with everything
 * in it that is not convertible memory or that holds a PAMT marked as reserved.
 */
final class Tdmr {
  /** Bytes of TDMR_INFO, and its alignment. */
  static final int INFO_SIZE = 512;

  static final long GRANULARITY = 1L << 30;

  private static final int[] PAGE_SHIFTS = {30, 21, 12};

  private final long base;
  private long end;
  private final long[] pamtBase = new long[PAGE_SHIFTS.length];
  private final long[] pamtSize = new long[PAGE_SHIFTS.length];
  private final List<long[]> reserved = new ArrayList<>();
  private long pamtFrames;

  private Tdmr(long base, long end) {
    this.base = base;
    this.end = end;
  }

  /** Covers all convertible memory with as few regions as possible. */
  static List<Tdmr> covering(List<Cmr> cmrs) {
    List<Tdmr> result = new ArrayList<>();
    for (Cmr cmr : cmrs) {
      long from = cmr.base().value() & -GRANULARITY;
      long to = cmr.end().value() + GRANULARITY - 1 & -GRANULARITY;
      if (!result.isEmpty() && result.getLast().end >= from) {
        result.getLast().end = Math.max(result.getLast().end, to);
      } else {
        result.add(new Tdmr(from, to));
      }
    }
    return result;
  }

  Hpa base() {
    return new Hpa(base);
  }

  long end() {
    return end;
  }

  List<long[]> reserved() {
    return reserved;
  }

  /** Takes memory for the PAMT areas in one piece; false when there is none. */
  boolean allocatePamt(FrameAllocator frames, List<Integer> entrySizes) {
    long total = 0;
    for (int i = 0; i < PAGE_SHIFTS.length; i++) {
      int entrySize = entrySizes.get(PAGE_SHIFTS.length - 1 - i);
      long bytes = ((end - base) >>> PAGE_SHIFTS[i]) * entrySize;
      pamtSize[i] = bytes + Hpa.PAGE_SIZE - 1 & -Hpa.PAGE_SIZE;
      total += pamtSize[i];
    }
    Optional<Hpa> area = frames.allocateContiguous(total / Hpa.PAGE_SIZE, Hpa.PAGE_SIZE);
    if (area.isEmpty()) {
      return false;
    }
    pamtFrames = total / Hpa.PAGE_SIZE;
    long at = area.get().value();
    for (int i = PAGE_SHIFTS.length - 1; i >= 0; i--) {
      pamtBase[i] = at;
      at += pamtSize[i];
    }
    return true;
  }

  /** Gives the PAMT areas back, if there are any. */
  void freePamt(FrameAllocator frames) {
    if (pamtFrames != 0) {
      frames.freeContiguous(new Hpa(pamtBase[PAGE_SHIFTS.length - 1]), pamtFrames);
      pamtFrames = 0;
    }
  }

  private long pamtStart() {
    return pamtBase[PAGE_SHIFTS.length - 1];
  }

  /** Marks what is not convertible memory, and the PAMTs of {@code all} regions, as reserved. */
  void reserve(List<Cmr> cmrs, List<Tdmr> all) {
    long at = base;
    for (Cmr cmr : cmrs) {
      if (cmr.end().value() > base && cmr.base().value() < end) {
        addReserved(at, cmr.base().value());
        at = Math.max(at, cmr.end().value());
      }
    }
    addReserved(at, end);
    for (Tdmr other : all) {
      addReserved(other.pamtStart(), other.pamtStart() + other.pamtFrames * Hpa.PAGE_SIZE);
    }
    reserved.sort(Comparator.comparingLong(area -> area[0]));
    for (int i = reserved.size() - 1; i > 0; i--) {
      if (reserved.get(i - 1)[1] == reserved.get(i)[0]) {
        reserved.get(i - 1)[1] = reserved.remove(i)[1];
      }
    }
  }

  private void addReserved(long from, long to) {
    long start = Math.max(from, base);
    long stop = Math.min(to, end);
    if (start < stop) {
      reserved.add(new long[] {start, stop});
    }
  }

  /** Returns the TDMR_INFO structure. */
  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(INFO_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(0, base).putLong(8, end - base);
    for (int i = 0; i < PAGE_SHIFTS.length; i++) {
      buffer.putLong(16 + 16 * i, pamtBase[i]).putLong(24 + 16 * i, pamtSize[i]);
    }
    int at = 64;
    for (long[] area : reserved) {
      buffer.putLong(at, area[0] - base).putLong(at + 8, area[1] - area[0]);
      at += 16;
    }
    return buffer.array();
  }
}
