package org.swtdx.kvm;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
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

  private final int levels;
  private final Table root;
  private long leaves;
  private long tables;

  /** One table: children above the lowest level, leaf entries ({@code hpa | 1}) at it. */
  private static final class Table {
    final @Nullable SeptPage page;
    final @Nullable Table @Nullable [] children;
    final long @Nullable [] entries;

    Table(@Nullable SeptPage page, boolean leaf) {
      this.page = page;
      children = leaf ? null : new Table[ENTRIES];
      entries = leaf ? new long[ENTRIES] : null;
    }
  }

  /** What to do with one leaf of a range. */
  interface LeafVisitor {
    /** A private page of guest frame {@code gfn} is mapped to {@code hpa}. */
    void visit(long gfn, long hpa);
  }

  MirrorTable(int levels) {
    this.levels = levels;
    root = new Table(null, false);
  }

  private static int index(long gfn, int level) {
    return (int) (gfn >>> 9 * level) & LAST;
  }

  /**
   * The level of the entry that lacks a table on the way to {@code gfn}, or 0 when none does. A
   * table of level n is pointed to by an entry of level n.
   */
  int missingLevel(long gfn) {
    Table table = root;
    for (int level = levels - 1; level > 0; level--) {
      Table child = child(table, gfn, level);
      if (child == null) {
        return level;
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
    Table table = root;
    for (int at = levels - 1; at > level; at--) {
      Table child = child(table, gfn, at);
      if (child == null) {
        throw new IllegalStateException("no table above level " + level);
      }
      table = child;
    }
    @Nullable Table[] children = table.children;
    if (children == null || children[index(gfn, level)] != null) {
      throw new IllegalStateException("a table is already there");
    }
    children[index(gfn, level)] = new Table(page, level == 1);
    tables++;
  }

  private long @Nullable [] leafTable(long gfn) {
    Table table = root;
    for (int level = levels - 1; level > 0; level--) {
      Table child = child(table, gfn, level);
      if (child == null) {
        return null;
      }
      table = child;
    }
    return table.entries;
  }

  /** The frame that {@code gfn} is mapped to, or {@link #NONE}. */
  long lookup(long gfn) {
    long[] entries = leafTable(gfn);
    long entry = entries == null ? 0 : entries[(int) gfn & LAST];
    return entry == 0 ? NONE : entry & ~1L;
  }

  /** Records a mapping; all tables on the way are there. */
  void map(long gfn, long hpa) {
    long[] entries = leafTable(gfn);
    if (entries == null || entries[(int) gfn & LAST] != 0) {
      throw new IllegalStateException("cannot map guest frame 0x" + Long.toHexString(gfn));
    }
    entries[(int) gfn & LAST] = hpa | 1;
    leaves++;
  }

  /** Records that {@code gfn} is no longer mapped. */
  void unmap(long gfn) {
    long[] entries = leafTable(gfn);
    if (entries == null || entries[(int) gfn & LAST] == 0) {
      throw new IllegalStateException("guest frame 0x" + Long.toHexString(gfn) + " is not mapped");
    }
    entries[(int) gfn & LAST] = 0;
    leaves--;
  }

  /** Visits the mapped pages of a range in ascending order; a visitor may unmap its page. */
  void forEachLeaf(long from, long to, LeafVisitor visitor) {
    forEachLeaf(root, levels - 1, from, to, visitor);
  }

  private void forEachLeaf(Table table, int level, long from, long to, LeafVisitor visitor) {
    long[] entries = table.entries;
    for (long gfn = from; gfn < to; ) {
      long end = Math.min(to, (gfn >>> 9 * level) + 1 << 9 * level);
      if (entries != null) {
        long entry = entries[(int) gfn & LAST];
        if (entry != 0) {
          visitor.visit(gfn, entry & ~1L);
        }
      } else {
        Table child = child(table, gfn, level);
        if (child != null) {
          forEachLeaf(child, level - 1, gfn, end, visitor);
        }
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

  /** Mapped pages. */
  long leaves() {
    return leaves;
  }

  /** Tables below the root. */
  long tables() {
    return tables;
  }
}
