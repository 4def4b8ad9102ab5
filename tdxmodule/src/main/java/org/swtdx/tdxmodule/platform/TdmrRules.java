package org.swtdx.tdxmodule.platform;

import java.util.ArrayList;
import java.util.List;
import org.swtdx.memory.Cmr;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;

/**
 * The rules that TDH.SYS.CONFIG checks the TDMRs by, in the ABI's order. Status details: bits 7:0
 * the TDMR, 15:8 its PAMT level or reserved area, 23:16 the other TDMR.
 */
public final class TdmrRules {
  private static final long GIB = 1L << 30;
  private static final long PAGE = 4096;
  private static final int ENTRY_SIZE = 16;

  private final List<TdmrInfo> infos = new ArrayList<>();
  private final List<Tdmr.Range> memory;
  private final long addressLimit;
  private final List<List<Tdmr.Range>> usable = new ArrayList<>();

  /** Rules for the TDMRs of a machine with these CMRs. */
  public TdmrRules(List<Cmr> cmrs, PhysicalAddressLayout layout) {
    memory = merged(cmrs);
    addressLimit = 1L << layout.keyIdShift();
  }

  /** Makes the region that follows those before, or refuses with the first rule that is broken. */
  public Tdmr check(TdmrInfo info) throws Refusal {
    infos.add(info);
    return checkOne(infos.size() - 1);
  }

  /** Adjacent CMRs count as one. */
  private static List<Tdmr.Range> merged(List<Cmr> cmrs) {
    List<Tdmr.Range> result = new ArrayList<>();
    for (Cmr c : cmrs) {
      Tdmr.Range last = result.isEmpty() ? null : result.getLast();
      if (last != null && last.end() == c.base().value()) {
        result.set(result.size() - 1, new Tdmr.Range(last.base(), last.size() + c.size()));
      } else {
        result.add(new Tdmr.Range(c.base().value(), c.size()));
      }
    }
    return result;
  }

  private Tdmr checkOne(int i) throws Refusal {
    TdmrInfo info = infos.get(i);
    checkRange(i, info);
    List<Tdmr.Range> reserved = checkReserved(i, info);
    usable.add(gaps(info, reserved));
    for (int level = PageSize.LEVEL_1G; level >= 0; level--) {
      checkPamtFormat(i, level, info);
    }
    checkPamtOverlap(i);
    checkPamtAgainstUsable(i);
    for (int level = PageSize.LEVEL_1G; level >= 0; level--) {
      Refusal.unless(
          isMemory(info.pamt().get(level)), details(Status.PAMT_OUTSIDE_CMRS, i, level, 0));
    }
    for (Tdmr.Range r : usable.get(i)) {
      Refusal.unless(isMemory(r), details(Status.TDMR_OUTSIDE_CMRS, i, 0, 0));
    }
    return new Tdmr(info.base(), info.size(), reserved, info.pamt());
  }

  private void checkRange(int i, TdmrInfo info) throws Refusal {
    long invalid = details(Status.INVALID_TDMR, i, 0, 0);
    Refusal.unless(!wraps(info.base(), info.size()), invalid);
    if (i > 0) {
      TdmrInfo previous = infos.get(i - 1);
      Refusal.unless(
          Long.compareUnsigned(info.base(), previous.base() + previous.size()) >= 0,
          details(Status.NON_ORDERED_TDMR, i, 0, 0));
    }
    Refusal.unless(
        (info.base() | info.size()) % GIB == 0
            && info.size() != 0
            && isAddressable(info.base(), info.size()),
        invalid);
  }

  private static List<Tdmr.Range> checkReserved(int i, TdmrInfo info) throws Refusal {
    List<Tdmr.Range> areas = new ArrayList<>();
    long end = 0;
    boolean ended = false;
    for (int j = 0; j < info.reserved().size(); j++) {
      Tdmr.Range r = info.reserved().get(j);
      if (r.size() == 0) {
        ended = true;
        continue;
      }
      // An empty area ends the list; the one before a gap is blamed.
      Refusal.unless(!ended, details(Status.NON_ORDERED_RESERVED_IN_TDMR, i, j - 1, 0));
      long invalid = details(Status.INVALID_RESERVED_IN_TDMR, i, j, 0);
      Refusal.unless(!wraps(r.base(), r.size()), invalid);
      Refusal.unless(
          Long.compareUnsigned(r.base(), end) >= 0,
          details(Status.NON_ORDERED_RESERVED_IN_TDMR, i, j, 0));
      Refusal.unless(
          (r.base() | r.size()) % PAGE == 0 && Long.compareUnsigned(r.end(), info.size()) <= 0,
          invalid);
      end = r.end();
      areas.add(new Tdmr.Range(info.base() + r.base(), r.size()));
    }
    return areas;
  }

  private void checkPamtFormat(int i, int level, TdmrInfo info) throws Refusal {
    Tdmr.Range pamt = info.pamt().get(level);
    long needed = (info.size() >>> PageSize.shift(level)) * ENTRY_SIZE;
    Refusal.unless(
        (pamt.base() | pamt.size()) % PAGE == 0
            && !wraps(pamt.base(), pamt.size())
            && isAddressable(pamt.base(), pamt.size())
            && pamt.size() >= needed,
        details(Status.INVALID_PAMT, i, level, 0));
  }

  private void checkPamtOverlap(int i) throws Refusal {
    for (int j = 0; j <= i; j++) {
      for (int level = 0; level <= PageSize.LEVEL_1G; level++) {
        Tdmr.Range mine = infos.get(i).pamt().get(level);
        // Within one TDMR each pair is compared once, and the lower level is blamed.
        for (int other = j == i ? level + 1 : 0; other <= PageSize.LEVEL_1G; other++) {
          Refusal.unless(
              !overlap(mine, infos.get(j).pamt().get(other)),
              details(Status.PAMT_OVERLAP, i, level, j));
        }
      }
    }
  }

  private void checkPamtAgainstUsable(int i) throws Refusal {
    for (int j = 0; j <= i; j++) {
      checkPamtOutside(i, j);
      if (j < i) {
        checkPamtOutside(j, i);
      }
    }
  }

  private void checkPamtOutside(int owner, int region) throws Refusal {
    for (int level = 0; level <= PageSize.LEVEL_1G; level++) {
      for (Tdmr.Range r : usable.get(region)) {
        Refusal.unless(
            !overlap(infos.get(owner).pamt().get(level), r),
            details(Status.PAMT_OVERLAP, owner, level, region));
      }
    }
  }

  /** What is left of a TDMR between its reserved areas. */
  private static List<Tdmr.Range> gaps(TdmrInfo info, List<Tdmr.Range> reserved) {
    List<Tdmr.Range> result = new ArrayList<>();
    long at = info.base();
    for (Tdmr.Range r : reserved) {
      if (r.base() > at) {
        result.add(new Tdmr.Range(at, r.base() - at));
      }
      at = r.end();
    }
    if (at < info.base() + info.size()) {
      result.add(new Tdmr.Range(at, info.base() + info.size() - at));
    }
    return result;
  }

  private boolean isMemory(Tdmr.Range r) {
    for (Tdmr.Range m : memory) {
      if (r.base() >= m.base() && r.end() <= m.end()) {
        return true;
      }
    }
    return false;
  }

  private boolean isAddressable(long base, long size) {
    return base >= 0 && size >= 0 && base + size >= 0 && base + size <= addressLimit;
  }

  private static boolean overlap(Tdmr.Range a, Tdmr.Range b) {
    return a.size() != 0 && b.size() != 0 && a.overlaps(b.base(), b.size());
  }

  private static boolean wraps(long base, long size) {
    return Long.compareUnsigned(base + size, base) < 0;
  }

  private static long details(long code, int tdmr, int part, int other) {
    return Status.with(code, tdmr | part << 8 | other << 16);
  }
}
