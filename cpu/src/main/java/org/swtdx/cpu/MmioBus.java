package org.swtdx.cpu;

/**
 * Where an instruction that {@link Processor#emulate} executes finds the guest physical addresses
 * that have no memory. Called on the emulating thread.
 */
public interface MmioBus {
  /** Whether the address belongs to a device; others are memory and translate as usual. */
  boolean claims(long gpaRaw);

  /**
   * Whether the value of a read is known. The reads of one instruction come in the same order each
   * time it is executed.
   *
   * @param gpaRaw guest physical address
   * @param size 1, 2, 4 or 8 bytes, inside one page
   * @return false to stop the instruction before it changed anything; it is executed again later
   */
  boolean ready(long gpaRaw, int size);

  /** Returns the value of a read that is {@link #ready}, zero-extended. */
  long read(long gpaRaw, int size);

  /** Takes a write; the instruction completes without waiting for it. */
  void write(long gpaRaw, int size, long value);
}
