package org.swtdx.memory.seam;

import org.swtdx.memory.PhysicalMemory;
import org.swtdx.memory.engine.ArenaMemory;
import org.swtdx.memory.engine.KeyedMemory;

/**
 * The memory bus behind the caches: every access names its KeyID in the upper address bits ("keyed
 * hpa"). {@link #map} is called at TLB fills only; once it returned a native address, accesses
 * inside that page go through {@link NativeAccess} without further checks until the frame is
 * {@linkplain FrameInvalidation invalidated}. Thread-safe.
 *
 * <p>What an access meets on a line that was last written with another key (or with an earlier key
 * of the same KeyID):
 *
 * <ul>
 *   <li>A read with a TDX KeyID fails its integrity check: {@link MachineCheckException}.
 *   <li>A read with KeyID 0 gives the ciphertext that DRAM holds, and with an MKTME KeyID that
 *       ciphertext decrypted with its own key. Hardware may give a fixed pattern for lines with the
 *       TD-owner bit set, so that nobody can collect ciphertext; here looking at it is the point.
 *   <li>A write of a whole line makes the line the writer's.
 *   <li>A write of part of a line is a read of the line first, with the outcome above, then the
 *       line is the writer's.
 * </ul>
 *
 * <p>Lines that were never written are KeyID 0's and hold zeros.
 */
public final class PhysicalBus {
  /** {@link #map} result: some line of the page needs a check per access; use load/store. */
  public static final long SLOW = -1;

  /** {@link #map} result: no memory there; reads give all ones, writes are dropped. */
  public static final long ABSENT = -2;

  private final KeyedMemory memory;

  /** Creates the bus of a memory; others get it from {@link #of}. */
  public PhysicalBus(KeyedMemory memory) {
    this.memory = memory;
  }

  /** Returns the bus of {@code memory}. */
  public static PhysicalBus of(PhysicalMemory memory) {
    if (memory instanceof ArenaMemory arena) {
      return arena.bus();
    }
    throw new IllegalArgumentException("memory that PhysicalMemory.create did not make");
  }

  /**
   * Gives {@code keyId} a fresh random ephemeral key; lines written before become unreadable with
   * it.
   *
   * @throws IllegalArgumentException for KeyID 0, whose key is the platform's
   */
  public void programKey(int keyId) {
    memory.programKey(keyId);
  }

  /**
   * Returns the native address of the byte at {@code keyedHpa} if all of its page may be accessed
   * with that key without further checks, else {@link #SLOW} or {@link #ABSENT}. With {@code write}
   * true on a marked code frame, unmarks it and advances its generation. Never changes an owner.
   */
  public long map(long keyedHpa, boolean write) {
    return memory.map(keyedHpa, write);
  }

  /**
   * Loads {@code size} (1, 2, 4, 8) bytes, zero-extended, inside one page, with the key check.
   *
   * @throws MachineCheckException when a line's integrity check fails for a private key
   */
  public long load(long keyedHpa, int size) {
    return memory.load(keyedHpa, size);
  }

  /**
   * Stores the low {@code size} (1, 2, 4, 8) bytes of {@code value} inside one page.
   *
   * @throws MachineCheckException when the line is not the private key's own; it stays as it was
   */
  public void store(long keyedHpa, int size, long value) {
    memory.store(keyedHpa, size, value);
  }

  /**
   * Atomically replaces {@code size} (1, 2, 4, 8) bytes inside one page by {@code value} if they
   * are {@code expected}; atomic with every other access through the bus and with {@link
   * NativeAccess} atomics on mapped pages.
   *
   * @return what was there, zero-extended; the exchange took place when it equals {@code expected}
   * @throws MachineCheckException when the line is not the private key's own
   */
  public long compareAndExchange(long keyedHpa, int size, long expected, long value) {
    return memory.compareAndExchange(keyedHpa, size, expected, value);
  }

  /**
   * Copies from memory with the key check of {@link #load}; may cross pages.
   *
   * @throws MachineCheckException as for {@link #load}; part of {@code target} may be written
   */
  public void read(long keyedHpa, byte[] target, int offset, int length) {
    memory.read(keyedHpa, target, offset, length);
  }

  /**
   * Copies into memory with the key of {@code keyedHpa}; may cross pages.
   *
   * @throws MachineCheckException as for {@link #store}, at a line that is written in part only
   */
  public void write(long keyedHpa, byte[] source, int offset, int length) {
    memory.write(keyedHpa, source, offset, length);
  }

  /**
   * Takes whole frames for a key with direct (cache-line, MOVDIR64B-like) stores of zero, whatever
   * key they were written with before. How the TDX module initialises pages; untouched frames cost
   * nothing.
   *
   * @throws IllegalArgumentException when address or length is not a multiple of 4 KiB
   */
  public void initialize(long keyedHpa, long length) {
    memory.initialize(keyedHpa, length);
  }

  /** Returns the generation counter of a frame, always the same object for the same frame. */
  public CodeFrame codeFrame(long hpaRaw) {
    return memory.codeFrame(hpaRaw);
  }

  /**
   * Marks the frame as holding code that is about to be decoded and returns its generation. Every
   * later write, by anybody who met the invalidation that goes with the marking, advances {@link
   * CodeFrame#generation} beyond the number returned here; that number, not a later look at the
   * counter, belongs to what is decoded now.
   */
  public int markCode(long hpaRaw) {
    return memory.markCode(hpaRaw);
  }

  /** Registers a processor's TLB; the reference is held until {@link #removeListener}. */
  public void addListener(FrameInvalidation listener) {
    memory.addListener(listener);
  }

  /** Forgets a listener. */
  public void removeListener(FrameInvalidation listener) {
    memory.removeListener(listener);
  }
}
