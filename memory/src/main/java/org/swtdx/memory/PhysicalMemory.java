package org.swtdx.memory;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.random.RandomGenerator;
import org.swtdx.memory.engine.ArenaMemory;

/**
 * One host physical address space: lazily backed frames, the KeyID and key generation each line was
 * last written with, and TD ownership. Made by {@link #create} only.
 */
public interface PhysicalMemory extends AutoCloseable {
  /**
   * Creates a physical address space whose ephemeral keys are drawn from a {@link SecureRandom}.
   *
   * @param layout how physical addresses are divided
   * @param cmrs the convertible memory, ascending and disjoint; it is all the memory there is
   * @throws IllegalArgumentException when the ranges break those rules
   * @throws java.io.UncheckedIOException when the machine has no room for them
   */
  static PhysicalMemory create(PhysicalAddressLayout layout, List<Cmr> cmrs) {
    return create(layout, cmrs, new SecureRandom());
  }

  /** As {@link #create(PhysicalAddressLayout, List)}, with keys drawn from {@code entropy}. */
  static PhysicalMemory create(
      PhysicalAddressLayout layout, List<Cmr> cmrs, RandomGenerator entropy) {
    return new ArenaMemory(layout, cmrs, entropy);
  }

  /** How physical addresses are divided. */
  PhysicalAddressLayout layout();

  /** The convertible memory ranges. */
  List<Cmr> cmrs();

  /** The host's (KeyID 0) face. */
  HostView host();

  /** The host kernel's page allocator. */
  FrameAllocator frames();

  /**
   * Takes contiguous frames whose bytes are those of an open file: what the host or a guest writes
   * there appears in the file's other mappings at once, and the reverse. Linux only.
   *
   * @param fd descriptor, open for reading, and for writing if shared; may be closed afterwards
   * @param offset first byte, a multiple of 4 KiB
   * @param size bytes, a multiple of 4 KiB
   * @param shared whether writes reach the file; else they stay with the frames, and the rest is as
   *     the file has it
   * @return the first frame
   * @throws IOException when no frames are left or the file cannot be mapped
   */
  Hpa attach(int fd, long offset, long size, boolean shared) throws IOException;

  /**
   * Gives back the frames of {@link #attach}; they are zeros again. No processor may still use
   * translations to them.
   */
  void detach(Hpa range, long size);

  /** Whether frames are of files now, so that their content may be lost: {@link LostMemory}. */
  boolean hasAttached();

  /**
   * Releases the backing. Every processor must have stopped and no view may be used any more: what
   * was mapped is gone for the whole process. Closing twice does nothing.
   */
  @Override
  void close();
}
