package org.swtdx.tdxmodule.metadata;

import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.tdxmodule.status.Refusal;

/**
 * Metadata lists as SYS.RDALL writes them: a header with size and number of sequences, then one
 * sequence per array of fields, each with a header of its own.
 */
public final class MetadataList {
  /** Bytes of the page that holds a list; also its alignment. */
  public static final int SIZE = 4096;

  private static final int HEADER_SIZE = 8;
  private static final int WORD = 8;

  private MetadataList() {}

  /**
   * Writes all readable fields from {@code first} on, or those that fit.
   *
   * @param first id of a readable field, or {@link FieldTable#NO_FIELD} for the first one
   * @param target where to write, with KeyID
   * @return the first field that did not fit, or {@link FieldTable#NO_FIELD}
   * @throws Refusal when {@code first} cannot be read; nothing is written then
   */
  public static <C> long write(
      FieldTable<C> table, C holder, AccessMode mode, long first, PhysicalBus bus, long target)
      throws Refusal {
    long field = first == FieldTable.NO_FIELD ? table.firstReadable(mode) : first;
    table.read(holder, field, mode);
    int size = HEADER_SIZE;
    int sequences = 0;
    while (field != FieldTable.NO_FIELD) {
      int elements = table.remaining(field);
      if (size + WORD * (1 + elements) > SIZE) {
        break;
      }
      bus.store(target + size, WORD, table.sequenceHeader(field));
      size += WORD;
      for (int i = 0; i < elements; i++) {
        bus.store(target + size, WORD, table.read(holder, field, mode));
        field = table.nextReadable(field, mode);
        size += WORD;
      }
      sequences++;
    }
    bus.store(target, WORD, size | (long) sequences << 16);
    return field;
  }
}
