package org.swtdx.fuzz.kvm;

/** What a field of a structure means; the values that are tried for it follow from that. */
enum Kind {
  /** Nothing but zero is allowed. */
  ZERO,
  /** A small number: counts, indices, slots. */
  SMALL,
  /** Few bits of the lowest sixteen. */
  FLAGS,
  /** A guest physical address at a page. */
  GPA,
  /** Attributes of memory. */
  ATTRIBUTES,
  /** A user address at a page of the area that slots are of. */
  RAM,
  /** A length of whole pages. */
  SIZE,
  /** A user address in the area of arguments, which something is read from or written to. */
  POINTER,
  /** Any descriptor. */
  FILE,
  /** A descriptor of a guest_memfd. */
  PRIVATE_FILE,
  /** A descriptor of an eventfd. */
  EVENT,
  /** A capability. */
  CAPABILITY,
  /** An MSR. */
  MSR,
  /** A port, a vector or an interrupt line. */
  NUMBER,
  /** An address of a message that interrupts local APICs. */
  MESSAGE,
  /** A CPUID leaf. */
  LEAF,
  /** Anything. */
  WORD;

  /** A field of this meaning. */
  Field at(int offset, int bytes) {
    return new Field(this, offset, bytes);
  }

  /**
   * A field of a structure.
   *
   * @param offset from the structure's start, in bytes
   * @param bytes 1, 2, 4 or 8
   */
  record Field(Kind kind, int offset, int bytes) {}
}
