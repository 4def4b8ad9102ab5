package org.swtdx.cpu;

/** Why a guest physical address has no translation; filled in by {@link GuestPhysicalMap}. */
public final class EptFault {
  /** True for an EPT misconfiguration, false for an EPT violation. */
  public boolean misconfiguration;

  /** Whether the paging-structure entry allows the violation to become #VE (suppress-#VE clear). */
  public boolean convertible;

  /** Bits 5:3 of the exit qualification: readable, writable, executable as the entries allow. */
  public int permissions;

  /** Extra exit-qualification bits that the map wants reported (TDX: none). */
  public long qualification;

  /** Creates an empty record. */
  public EptFault() {}
}
