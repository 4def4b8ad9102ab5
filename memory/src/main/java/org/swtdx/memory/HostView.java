package org.swtdx.memory;

/**
 * Physical memory as the host (KeyID 0) reaches it. Reading a line that was last written under a
 * private key gives that line's ciphertext; writing one replaces it and is found out when its owner
 * reads next. Addresses outside every CMR read as all ones and drop writes, as an unclaimed bus
 * cycle does. Byte order is little-endian, alignment is free, and a range may cross pages.
 */
public interface HostView {
  /** Reads one byte, zero-extended. */
  int read8(Hpa hpa);

  /** Reads two bytes, zero-extended. */
  int read16(Hpa hpa);

  /** Reads four bytes. */
  int read32(Hpa hpa);

  /** Reads eight bytes. */
  long read64(Hpa hpa);

  /** Writes the low byte of {@code value}. */
  void write8(Hpa hpa, int value);

  /** Writes the low two bytes of {@code value}. */
  void write16(Hpa hpa, int value);

  /** Writes four bytes. */
  void write32(Hpa hpa, int value);

  /** Writes eight bytes. */
  void write64(Hpa hpa, long value);

  /** Copies {@code length} bytes from physical memory into {@code target}. */
  void read(Hpa hpa, byte[] target, int offset, int length);

  /** Copies {@code length} bytes from {@code source} into physical memory. */
  void write(Hpa hpa, byte[] source, int offset, int length);

  /** Fills {@code length} bytes with zeros; costs nothing for frames that were never touched. */
  void zero(Hpa hpa, long length);

  /** Atomically replaces the aligned 64-bit {@code expected} by {@code value} if it is there. */
  boolean compareAndSet64(Hpa hpa, long expected, long value);

  /** Atomically ORs {@code mask} into the aligned 64 bits at {@code hpa}; returns the old value. */
  long getAndOr64(Hpa hpa, long mask);

  /** Atomically swaps in {@code value} for the aligned 64 bits at {@code hpa}; returns the old. */
  long getAndSet64(Hpa hpa, long value);
}
