package org.swtdx.tdxmodule.metadata;

import org.jspecify.annotations.Nullable;
import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.tdxmodule.status.Refusal;

/**
 * Metadata lists as SYS.RDALL writes them: a header with size and number of sequences, then the
 * sequences, each with a header of its own. A sequence goes on as long as codes follow each other
 * and fields have the same shape, across definitions of the table.
 */
public final class MetadataList {
  /** Bytes of the page that holds a list; also its alignment. */
  public static final int SIZE = 4096;

  private static final int WORD = 8;
  private static final int LAST_ELEMENT_SHIFT = 34;
  private static final int LAST_FIELD_SHIFT = 38;

  private MetadataList() {}

  /**
   * Writes all readable fields from {@code first} on, or those that fit; a field that cannot be
   * read is passed over.
   *
   * @param first id of a field's first element with its size, or {@link FieldTable#NO_FIELD}
   * @param target where to write, with KeyID
   * @return the first field that did not fit, or {@link FieldTable#NO_FIELD}
   * @throws Refusal when {@code first} is no field; nothing is written then
   */
  public static <C> long write(
      FieldTable<C> table, C holder, AccessMode mode, long first, PhysicalBus bus, long target)
      throws Refusal {
    FieldTable.@Nullable Cursor cursor =
        FieldTable.isNoField(first) ? table.firstCursor(mode) : table.cursorAt(first);
    int at = WORD;
    int sequences = 0;
    while (cursor != null && fits(at + WORD, table.fieldAt(cursor))) {
      int header = at;
      int fields = 0;
      FieldTable.Cursor begin = cursor;
      MetadataField shape = table.fieldAt(begin);
      at += WORD;
      boolean goesOn = true;
      while (goesOn && cursor != null && fits(at, table.fieldAt(cursor))) {
        MetadataField field = table.fieldAt(cursor);
        goesOn = table.readable(field, mode);
        for (int i = 0; goesOn && i < field.elements(); i++) {
          bus.store(target + at, WORD, table.read(holder, field.idOf(cursor.index() + i), mode));
          at += WORD;
        }
        fields += goesOn ? 1 : 0;
        long expected = field.idOf(cursor.index() + field.elements());
        cursor = table.next(cursor, mode);
        goesOn &= cursor != null && follows(table.fieldAt(cursor), cursor.index(), expected, field);
      }
      if (fields == 0) {
        at = header;
      } else {
        bus.store(target + header, WORD, headerOf(shape, begin.index(), fields));
        sequences++;
      }
    }
    bus.store(target, WORD, at | (long) sequences << 16);
    return cursor == null ? FieldTable.NO_FIELD : table.fieldAt(cursor).idOf(cursor.index());
  }

  private static boolean fits(int at, MetadataField field) {
    return at + WORD * field.elements() <= SIZE;
  }

  private static boolean follows(
      MetadataField next, int index, long expected, MetadataField previous) {
    return ((next.idOf(index) ^ expected) & MetadataField.CODE_MASK) == 0
        && MetadataField.classOf(next.id()) == MetadataField.classOf(previous.id())
        && next.elements() == previous.elements()
        && next.hasSizeOf(previous.id());
  }

  /** Elements of a field less one in bits 37:34, fields of the sequence less one in 46:38. */
  private static long headerOf(MetadataField field, int index, int fields) {
    return field.idOf(index)
        | (long) (field.elements() - 1) << LAST_ELEMENT_SHIFT
        | (long) (fields - 1) << LAST_FIELD_SHIFT;
  }
}
