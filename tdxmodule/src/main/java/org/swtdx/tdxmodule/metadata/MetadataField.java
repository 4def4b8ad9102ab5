package org.swtdx.tdxmodule.metadata;

/**
 * A field as the ABI tables define it. Bits 23:0 of its id are the code of its first element; an
 * array has consecutive codes, two apart for VMCS fields.
 *
 * @param name name in the ABI tables
 * @param id complete field id
 * @param fields number of fields in the array
 * @param elements 1 to 16 elements of at most 64 bits in each field
 * @param step distance of codes
 * @param masks read and write mask for each {@link AccessMode}, in order
 */
record MetadataField(
    String name, long id, int fields, int elements, int step, java.util.List<Long> masks) {
  private static final long ALL = -1;

  static final long CODE_MASK = 0xff_ffff;

  private static final long SIZE_MASK = 3L << 32;

  /** Reads a line of a table: name, id, fields x elements, six masks. */
  static MetadataField parse(String line, int vmcsStep) {
    String[] part = line.split(" ", -1);
    long id = Long.parseUnsignedLong(part[1], 16);
    String[] counts = part[2].split("x", -1);
    long full = ALL >>> 64 - (8 << (int) (id >>> 32 & 3));
    java.util.List<Long> masks = new java.util.ArrayList<>();
    for (int i = 3; i < part.length; i++) {
      masks.add(
          switch (part[i]) {
            case "-" -> 0L;
            case "*" -> full;
            default -> Long.parseUnsignedLong(part[i], 16);
          });
    }
    int step = classOf(id) == 0 ? vmcsStep : 1;
    return new MetadataField(
        part[0], id, Integer.parseInt(counts[0]), Integer.parseInt(counts[1]), step, masks);
  }

  static int classOf(long id) {
    return (int) (id >>> 56) & 0x3f;
  }

  int code() {
    return (int) (id & CODE_MASK);
  }

  int count() {
    return fields * elements;
  }

  /** Position in the array of the element that {@code fieldId} names, or -1. */
  int indexOf(long fieldId) {
    int distance = (int) (fieldId & CODE_MASK) - code();
    boolean inside = distance >= 0 && distance % step == 0 && distance / step < count();
    return classOf(fieldId) == classOf(id) && inside ? distance / step : -1;
  }

  /** Whether {@code fieldId} has the size code of this field's elements. */
  boolean hasSizeOf(long fieldId) {
    return ((fieldId ^ id) & SIZE_MASK) == 0;
  }

  /** Id of element {@code index}. */
  long idOf(int index) {
    return id + (long) index * step;
  }

  long readMask(AccessMode mode) {
    return masks.get(mode.column());
  }

  long writeMask(AccessMode mode) {
    return masks.get(mode.column() + 1);
  }
}
