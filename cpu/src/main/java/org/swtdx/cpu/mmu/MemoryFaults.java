package org.swtdx.cpu.mmu;

import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.core.GuestFault;

/** What a processor does when an access cannot be translated; no method returns. */
public interface MemoryFaults {
  /** In place of a linear address: the access translates none (loading the PAE pointers). */
  long NO_LINEAR = 1L << 62;

  /** Raises #PF. */
  GuestFault pageFault(long linear, int errorCode);

  /** Stops an emulated instruction: a device read has no value yet. */
  GuestFault deviceNotReady();

  /** Raises #MC: a poisoned line was consumed. */
  GuestFault machineCheck();

  /**
   * Ends in an EPT violation or misconfiguration (or #VE).
   *
   * @param linear the linear address being translated, or {@link #NO_LINEAR}
   * @param gpaRaw the guest physical address without translation
   * @param access access bits of {@link org.swtdx.cpu.GuestPhysicalMap}
   * @param finalAccess whether {@code gpaRaw} is the operand itself, not a paging-structure entry
   * @param fault what the map reported
   */
  GuestFault secondLevel(long linear, long gpaRaw, int access, boolean finalAccess, EptFault fault);

  /** Told of each data access of the program while {@link Mmu#setWatching} is on. */
  void accessed(long linear, int size, boolean write);

  /** Called around every call into the second-level map, which may take its owner's locks. */
  void enterMap();

  /**
   * Called when the map has answered; returns whether translations were flushed meanwhile, so that
   * the answer must not be used.
   */
  boolean leaveMap();
}
