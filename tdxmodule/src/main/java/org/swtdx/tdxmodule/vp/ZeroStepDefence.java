package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.GuestPhysicalMap;

/**
 * Keeps a host from stopping a vCPU again and again at one instruction by taking private pages away
 * (zero-stepping). After {@link #THRESHOLD} EPT violations without progress the violated addresses
 * are remembered, and the vCPU does not run before all of them are mapped: TDH.VP.ENTER returns the
 * violation at once. One per vCPU; used by the LP that has it.
 */
public final class ZeroStepDefence {
  /** EPT violations at one instruction that are taken for bad luck. */
  public static final int THRESHOLD = 6;

  /** Addresses in LAST_EPF_GPA_LIST. */
  public static final int LIST_SIZE = 32;

  private static final int ANY_ACCESS =
      GuestPhysicalMap.READ | GuestPhysicalMap.WRITE | GuestPhysicalMap.EXECUTE;

  private final GuestPhysicalMap map;
  private final long[] list = new long[LIST_SIZE];
  private final EptFault fault = new EptFault();
  private int listed;
  private int violations;
  private long entryRip;

  ZeroStepDefence(GuestPhysicalMap map) {
    this.map = map;
  }

  /** Whether an attack is suspected, so that {@link #missing} has to be asked before an entry. */
  public boolean suspected() {
    return listed != 0;
  }

  /** An address of the list that the guest still cannot access, or -1 when there is none. */
  public long missing() {
    for (int i = 0; i < listed; i++) {
      boolean mapped = map.translate(list[i], ANY_ACCESS, fault) != GuestPhysicalMap.FAULT;
      if (!mapped && !fault.convertible) {
        return list[i];
      }
    }
    return -1;
  }

  /** Notes where the vCPU enters. */
  public void enter(long rip) {
    entryRip = rip;
  }

  /** Notes where the vCPU is after a VM exit: progress ends a suspicion. */
  public void exit(long rip) {
    if (rip != entryRip) {
      listed = 0;
      violations = 0;
    }
  }

  /** Logs an EPT violation of a private address that leaves the TD. */
  public void log(long gpa) {
    if (violations < THRESHOLD) {
      violations++;
      return;
    }
    for (int i = 0; i < listed; i++) {
      if (list[i] == gpa) {
        return;
      }
    }
    if (listed < LIST_SIZE) {
      list[listed++] = gpa;
    }
  }

  /** LAST_EPF_GPA_LIST_IDX: addresses in the list. */
  public int listed() {
    return listed;
  }

  /** POSSIBLY_EPF_STEPPING: violations without progress. */
  public int violations() {
    return violations;
  }

  /** An element of LAST_EPF_GPA_LIST. */
  public long gpa(int index) {
    return list[index];
  }
}
