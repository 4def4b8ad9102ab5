package org.swtdx.kvm;

/** Is told of the Trust Domains of a host. */
@FunctionalInterface
public interface TdObserver {
  /**
   * A TD's build measurement is complete: KVM_TDX_FINALIZE_VM succeeded. Called on the thread that
   * made the call, which waits.
   *
   * @param vm number of the VM, counted from 1 for each host
   * @param mrtd its MRTD, 48 bytes, as the module reports it to the host (TDH.MNG.RD)
   */
  void finalized(long vm, byte[] mrtd);
}
