package org.swtdx.kvm;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.SeptPage;

/**
 * The host's mirror of a TD's Secure EPT: which tables were given and which frame each private page
 * is mapped to, so that the fault path asks the module nothing. Guarded by the TD's MMU lock.
 */
final class MirrorTable {
  /** No mapping. */
  static final long NONE = -1;

  private static final int ENTRIES = 512;
  private static final int LAST = ENTRIES - 1;
  private static final int LARGE_LEVEL = 1;

  private final int levels;
  private final Table root;
  private long leaves;
  private long largeLeaves;
  private long tables;

  /** One table: leaf entries are {@code hpa | 1}; an entry is a child, a leaf, or neither. */
  private static final class Table {
    final @Nullable SeptPage page;
    final @Nullable Table @Nullable [] children;
    long @Nullable [] entries;

    Table(@Nullable SeptPage page, boolean lowest) {
      this.page = page;
      children = lowest ? null : new Table[ENTRIES];
      entries = lowest ? new long[ENTRIES] : null;
    }

    long entry(int index) {
      long[] leaf = entries;
      return leaf == null ? 0 : leaf[index];
    }

    void entry(int index, long value) {
      long[] leaf = entries;
      if (leaf == null) {
        leaf = new long[ENTRIES];
        entries = leaf;
      }
      leaf[index] = value;
    }
  }

  /** What to do with one leaf of a range. */
  interface LeafVisitor {
    /**
     * A private page of {@code level}, from guest frame {@code gfn} on, is mapped to {@code hpa}.
     */
    void visit(long gfn, long hpa, SeptLevel level);
  }

  MirrorTable(int levels) {
    this.levels = levels;
    root = new Table(null, false);
  }

  private static int index(long gfn, int level) {
    return (int) (gfn >>> 9 * level) & LAST;
  }

  /**
   * The level of the entry that lacks a table on the way to {@code gfn}, or 0 when none does or a
   * large page is mapped there. A table of level n is pointed to by an entry of level n.
   */
  int missingLevel(long gfn) {
    Table table = root;
    for (int level = levels - 1; level > 0; level--) {
      Table child = child(table, gfn, level);
      if (child == null) {
        return table.entry(index(gfn, level)) == 0 ? level : 0;
      }
      table = child;
    }
    return 0;
  }

  private static @Nullable Table child(Table table, long gfn, int level) {
    @Nullable Table[] children = table.children;
    return children == null ? null : children[index(gfn, level)];
  }

  /**
   * Records that {@code page} became the table behind the entry of {@code level} for {@code gfn}.
   */
  void addTable(long gfn, int level, SeptPage page) {
    Table table = tableOf(gfn, level);
    if (table == null) {
      throw new IllegalStateException("no table above level " + level);
    }
    @Nullable Table[] children = table.children;
    int at = index(gfn, level);
    if (children == null || children[at] != null || table.entry(at) != 0) {
      throw new IllegalStateException("the entry is in use");
    }
    children[at] = new Table(page, level == 1);
    tables++;
  }

  /** The table whose entries have {@code level}, on the way to {@code gfn}. */
  private @Nullable Table tableOf(long gfn, int level) {
    Table table = root;
    for (int at = levels - 1; at > level && table != null; at--) {
      table = child(table, gfn, at);
    }
    return table;
  }

  /** The frame that {@code gfn} is mapped to, by a page of any size, or {@link #NONE}. */
  long lookup(long gfn) {
    Table lowest = tableOf(gfn, 0);
    long entry = lowest == null ? 0 : lowest.entry(index(gfn, 0));
    if (entry != 0) {
      return entry & ~1L;
    }
    long large = lookupLarge(gfn);
    return large == NONE ? NONE : large + ((gfn & LAST) << 12);
  }

  /** The start of the 2 MiB that {@code gfn} is mapped to by a large page, or {@link #NONE}. */
  long lookupLarge(long gfn) {
    Table table = tableOf(gfn, LARGE_LEVEL);
    long entry = table == null ? 0 : table.entry(index(gfn, LARGE_LEVEL));
    return entry == 0 ? NONE : entry & ~1L;
  }

  /** Records a mapping of 4 KiB; all tables on the way are there. */
  void map(long gfn, long hpa) {
    map(gfn, hpa, SeptLevel.SIZE_4K);
  }

  /** Records a mapping of 4 KiB or 2 MiB; all tables on the way are there. */
  void map(long gfn, long hpa, SeptLevel level) {
    Table table = tableOf(gfn, level.encoding());
    int at = index(gfn, level.encoding());
    if (table == null
        || table.entry(at) != 0
        || child(table, gfn, level.encoding()) != null
        || (gfn << 12 & level.size() - 1) != 0) {
      throw new IllegalStateException("cannot map guest frame 0x" + Long.toHexString(gfn));
    }
    table.entry(at, hpa | 1);
    leaves++;
    largeLeaves += level == SeptLevel.SIZE_2M ? 1 : 0;
  }

  /** Records that a page is no longer mapped. */
  void unmap(long gfn, SeptLevel level) {
    Table table = tableOf(gfn, level.encoding());
    int at = index(gfn, level.encoding());
    if (table == null || table.entry(at) == 0) {
      throw new IllegalStateException("guest frame 0x" + Long.toHexString(gfn) + " is not mapped");
    }
    table.entry(at, 0);
    leaves--;
    largeLeaves -= level == SeptLevel.SIZE_2M ? 1 : 0;
  }

  /** Records that the large page at {@code gfn} became 512 small ones below {@code page}. */
  void split(long gfn, SeptPage page) {
    long hpa = lookupLarge(gfn);
    unmap(gfn, SeptLevel.SIZE_2M);
    addTable(gfn, LARGE_LEVEL, page);
    for (int i = 0; i < ENTRIES; i++) {
      map(gfn + i, hpa + ((long) i << 12));
    }
  }

  /** Visits the mapped pages of a range in ascending order; a visitor may unmap its page. */
  void forEachLeaf(long from, long to, LeafVisitor visitor) {
    forEachLeaf(root, levels - 1, from, to, visitor);
  }

  private void forEachLeaf(Table table, int level, long from, long to, LeafVisitor visitor) {
    for (long gfn = from; gfn < to; ) {
      long first = gfn >>> 9 * level << 9 * level;
      long end = Math.min(to, first + (1L << 9 * level));
      Table child = child(table, gfn, level);
      long entry = table.entry(index(gfn, level));
      if (child != null) {
        forEachLeaf(child, level - 1, gfn, end, visitor);
      } else if (entry != 0) {
        visitor.visit(first, entry & ~1L, SeptLevel.of(level));
      }
      gfn = end;
    }
  }

  /** Visits the address of every table page. */
  void forEachTable(LongConsumer visitor) {
    forEachTable(root, visitor);
  }

  private static void forEachTable(Table table, LongConsumer visitor) {
    @Nullable Table[] children = table.children;
    if (children != null) {
      for (Table child : children) {
        if (child != null) {
          forEachTable(child, visitor);
        }
      }
    }
    if (table.page != null) {
      visitor.accept(table.page.hpa().value());
    }
  }

  /** Guest frames that the table can hold. */
  long limit() {
    return 1L << 9 * levels;
  }

  /** Mapped pages, of any size. */
  long leaves() {
    return leaves;
  }

  /** Mapped pages of 2 MiB. */
  long largeLeaves() {
    return largeLeaves;
  }

  /** Tables below the root. */
  long tables() {
    return tables;
  }
}
