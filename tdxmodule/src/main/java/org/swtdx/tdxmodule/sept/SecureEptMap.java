package org.swtdx.tdxmodule.sept;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.EptWalker;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.memory.PhysicalMemory;
import org.swtdx.tdxmodule.td.Tdcs;

/**
 * Second-level translation of one vCPU: private addresses through its TD's Secure EPT and with the
 * TD's key, shared ones through the host's shared EPT with KeyID 0.
 */
public final class SecureEptMap implements GuestPhysicalMap {
  private final Tdcs tdcs;
  private final PhysicalMemory memory;
  private final long sharedBit;
  private final long keyBits;
  private final SecureEpt sept;
  private volatile @Nullable EptWalker shared;

  /** A map for a vCPU of {@code tdcs}' TD, which is initialized; nothing is shared yet. */
  public SecureEptMap(Tdcs tdcs, PhysicalMemory memory) {
    this.tdcs = tdcs;
    this.memory = memory;
    sharedBit = tdcs.sharedBit();
    keyBits = memory.layout().keyed(0, tdcs.tdr().keyId());
    sept = tdcs.sept();
  }

  /** Sets the root of the shared EPT: bits 51:12 of SHARED_EPT_POINTER. */
  public void setSharedEptPointer(long value) {
    shared = new EptWalker(memory, value, sept.levels());
  }

  @Override
  public long translate(long gpaRaw, int access, EptFault fault) {
    if ((gpaRaw & sharedBit) != 0) {
      EptWalker walker = shared;
      // Before the host gives one, the shared EPT is a page of zeros: no entry suppresses #VE.
      return walker == null ? refuse(fault, true) : walker.translate(gpaRaw, access, fault);
    }
    if (gpaRaw >= sharedBit) {
      return refuse(fault, false);
    }
    long hpa = sept.translate(gpaRaw, access, tdcs.pendingCausesVe(), fault);
    return hpa == FAULT ? FAULT : hpa | keyBits;
  }

  private static long refuse(EptFault fault, boolean convertible) {
    fault.misconfiguration = false;
    fault.convertible = convertible;
    fault.permissions = 0;
    fault.qualification = 0;
    return FAULT;
  }
}
