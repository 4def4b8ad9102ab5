/** The VMM: firmware hand-off, machine, devices and console of a KVM client. */
@org.jspecify.annotations.NullMarked
module org.swtdx.vmm {
  requires static org.jspecify;
  requires transitive org.swtdx.attestation;
  requires transitive org.swtdx.kvm;
  requires org.swtdx.events;

  exports org.swtdx.vmm;
  exports org.swtdx.vmm.console;
  exports org.swtdx.vmm.cpu;
}
