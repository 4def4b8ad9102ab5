package org.swtdx.memory.seam;

import org.swtdx.memory.PhysicalMemory;

/**
 * The memory bus behind the caches: every access names its KeyID in the upper address bits ("keyed
 * hpa"). {@link #map} is called at TLB fills only; once it returned a native address, accesses
 * inside that page go through {@link NativeAccess} without further checks until the frame is
 * {@linkplain FrameInvalidation invalidated}.
 */
public final class PhysicalBus {
  /** {@link #map} result: some line of the page needs a check per access; use load/store. */
  public static final long SLOW = -1;

  /** {@link #map} result: no memory there; reads give all ones, writes are dropped. */
  public static final long ABSENT = -2;

  private PhysicalBus() {}

  /** Returns the bus of {@code memory}. */
  public static PhysicalBus of(PhysicalMemory memory) {
    throw new UnsupportedOperationException();
  }

  /** Gives {@code keyId} a fresh random ephemeral key; lines written before become unreadable. */
  public void programKey(int keyId) {
    throw new UnsupportedOperationException();
  }

  /**
   * Returns the native address of the byte at {@code keyedHpa} if all of its page may be accessed
   * with that key without further checks, else {@link #SLOW} or {@link #ABSENT}. With {@code write}
   * true on a marked code frame, unmarks it and advances its generation.
   */
  public long map(long keyedHpa, boolean write) {
    throw new UnsupportedOperationException();
  }

  /**
   * Loads {@code size} (1, 2, 4, 8) bytes, zero-extended, inside one page, with the key check.
   *
   * @throws MachineCheckException when a line's integrity check fails for a private key
   */
  public long load(long keyedHpa, int size) {
    throw new UnsupportedOperationException();
  }

  /** Stores the low {@code size} (1, 2, 4, 8) bytes of {@code value} inside one page. */
  public void store(long keyedHpa, int size, long value) {
    throw new UnsupportedOperationException();
  }

  /** Copies from memory with the key check of {@link #load}; may cross pages. */
  public void read(long keyedHpa, byte[] target, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /** Copies into memory with the key of {@code keyedHpa}; may cross pages. */
  public void write(long keyedHpa, byte[] source, int offset, int length) {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes whole frames for a key with direct (cache-line, MOVDIR64B-like) stores of zero, whatever
   * key they were written with before. How the TDX module initialises pages; untouched frames cost
   * nothing.
   */
  public void initialize(long keyedHpa, long length) {
    throw new UnsupportedOperationException();
  }

  /** Marks the frame as holding decoded code and returns its generation counter. */
  public CodeFrame markCode(long hpaRaw) {
    throw new UnsupportedOperationException();
  }

  /** Registers a processor's TLB; the reference is held until {@link #removeListener}. */
  public void addListener(FrameInvalidation listener) {
    throw new UnsupportedOperationException();
  }

  /** Forgets a listener. */
  public void removeListener(FrameInvalidation listener) {
    throw new UnsupportedOperationException();
  }
}
