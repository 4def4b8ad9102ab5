package org.swtdx.tdxmodule.platform;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The physical address metadata table: what every page of the configured TDMRs is used for. */
public final class Pamt {
  private volatile Tdmr[] tdmrs = {};

  Pamt() {}

  /** Sets the regions, ascending; once, by TDH.SYS.CONFIG. */
  public void configure(List<Tdmr> regions) {
    tdmrs = regions.toArray(new Tdmr[0]);
  }

  /** The region that starts at {@code base}, or null. */
  public @Nullable Tdmr startingAt(long base) {
    for (Tdmr t : tdmrs) {
      if (t.base() == base) {
        return t;
      }
    }
    return null;
  }

  /** The region whose initialized blocks contain {@code hpa}, or null. */
  public @Nullable Tdmr containing(long hpa) {
    for (Tdmr t : tdmrs) {
      if (t.usable(hpa)) {
        return t;
      }
    }
    return null;
  }

  /** The regions, ascending. */
  public List<Tdmr> tdmrs() {
    return List.of(tdmrs);
  }

  /** Gives the entry of a page that becomes a TDR, locked exclusively, a lock of its own. */
  public void giveOwnLock(PamtEntry entry) {
    Tdmr t = containing(entry.hpa());
    if (t != null) {
      t.giveOwnLock(entry);
    }
  }

  /** Whether each 4 KiB page of the 2 MiB page at {@code hpa} is unassigned and not reserved. */
  public boolean isWholeLargePageFree(long hpa) {
    Tdmr t = containing(hpa);
    if (t == null || t.isReserved(hpa, PageSize.LEVEL_2M)) {
      return false;
    }
    if (t.has4kEntries(hpa)) {
      for (long page = hpa; page < hpa + PageSize.bytes(PageSize.LEVEL_2M); page += 4096) {
        if (t.entry(page, PageSize.LEVEL_4K).type() != PageType.NDA) {
          return false;
        }
      }
    }
    return true;
  }

  /** Turns the 512 pages one level below {@code large}, all of one TD, into one large page. */
  public void merge(PamtEntry large, long ownerTdr) {
    large.assign(PageType.REG, ownerTdr);
    forEachPart(large, PamtEntry::free);
  }

  /** Turns a large page of a TD into 512 pages of the level below. */
  public void split(PamtEntry large) {
    long owner = large.owner();
    forEachPart(large, part -> part.assign(PageType.REG, owner));
    large.free();
  }

  private void forEachPart(PamtEntry large, Consumer<PamtEntry> action) {
    int level = large.level() - 1;
    long end = large.hpa() + PageSize.bytes(large.level());
    for (long hpa = large.hpa(); hpa < end; hpa += PageSize.bytes(level)) {
      action.accept(implicit(hpa, level));
    }
  }

  /** The entry of a page that is known to be in use, without locks: an implicit operand. */
  public PamtEntry implicit(long hpa, int level) {
    Tdmr t = containing(hpa);
    if (t == null) {
      throw new IllegalStateException("page 0x" + Long.toHexString(hpa) + " is in no TDMR");
    }
    return t.entry(hpa, level);
  }
}
