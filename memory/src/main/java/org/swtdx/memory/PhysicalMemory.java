package org.swtdx.memory;

import java.util.List;

/**
 * One host physical address space: lazily backed frames, the KeyID and key generation each line was
 * last written with, and TD ownership. Closing it releases the backing.
 */
public final class PhysicalMemory implements AutoCloseable {
  private PhysicalMemory() {}

  /**
   * Creates a physical address space.
   *
   * @param layout how physical addresses are divided
   * @param cmrs the convertible memory, ascending and disjoint; it is all the memory there is
   */
  public static PhysicalMemory create(PhysicalAddressLayout layout, List<Cmr> cmrs) {
    throw new UnsupportedOperationException();
  }

  /** How physical addresses are divided. */
  public PhysicalAddressLayout layout() {
    throw new UnsupportedOperationException();
  }

  /** The convertible memory ranges. */
  public List<Cmr> cmrs() {
    throw new UnsupportedOperationException();
  }

  /** The host's (KeyID 0) face. */
  public HostView host() {
    throw new UnsupportedOperationException();
  }

  /** The host kernel's page allocator. */
  public FrameAllocator frames() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
