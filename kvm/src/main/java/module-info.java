/** KVM: the uABI, ordinary VMs and Trust Domains side by side, MMU, LAPIC, vCPU enter and exit. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("module") // the module exported to comes later in the build
module org.swtdx.kvm {
  requires static transitive org.jspecify;
  requires transitive org.swtdx.cpu;
  requires org.swtdx.events;
  requires org.swtdx.seamcall;

  exports org.swtdx.kvm;
  exports org.swtdx.kvm.irqchip to
      org.swtdx.vmm;
  exports org.swtdx.kvm.uapi;
}
