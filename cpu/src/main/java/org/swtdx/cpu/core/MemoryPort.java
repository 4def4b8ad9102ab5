package org.swtdx.cpu.core;

/**
 * What a core's accesses reach when its TLB does not answer: translation, faults, page-crossing and
 * memory without a native address. Fills {@link Core#tlb} as it goes.
 */
public abstract class MemoryPort {
  /** {@link #nativeAddress} result: accesses must go through {@link #load} and {@link #store}. */
  public static final long NO_NATIVE = 0;

  /** For subclasses. */
  protected MemoryPort() {}

  /** Loads {@code size} (1, 2, 4, 8) bytes, zero-extended, at the core's privilege. */
  public abstract long load(Core core, long linear, int size);

  /**
   * Stores {@code size} (1, 2, 4, 8) bytes at the core's privilege, all or nothing. When the store
   * advanced the generation of a code frame, calls {@link Core#codeWritten}.
   */
  public abstract void store(Core core, long linear, int size, long value);

  /** Faults as an access of {@code size} bytes (at most 4096) would, without performing it. */
  public abstract void probe(Core core, long linear, int size, boolean write);

  /**
   * Translates one byte for data, faulting as the access would.
   *
   * @return its native address, valid to the end of its page, or {@link #NO_NATIVE}
   */
  public abstract long nativeAddress(Core core, long linear, boolean write);

  /**
   * Translates an instruction fetch from the page of {@code linear}, faulting as the fetch would,
   * and marks the frame as holding code unless {@link CodePage#shared} is set.
   */
  public abstract void fetch(Core core, long linear, CodePage page);
}
