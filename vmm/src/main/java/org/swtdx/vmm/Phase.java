package org.swtdx.vmm;

/** Phases of a launch, in their order. */
public enum Phase {
  /** KVM_CREATE_VM and capabilities. */
  CREATE("create"),
  /** KVM_TDX_INIT_VM. */
  INIT("init"),
  /** vCPUs with their CPUID. */
  VCPUS("vcpus"),
  /** Memory slots and attributes. */
  MEMORY("memory"),
  /** Initial pages added and measured. */
  PAGES("pages"),
  /** KVM_TDX_FINALIZE_VM. */
  FINALIZE("finalize"),
  /** The guest runs. */
  RUN("run"),
  /** vCPUs stop, files close, memory is given back. */
  TEARDOWN("teardown");

  private final String label;

  Phase(String label) {
    this.label = label;
  }

  /** The name in timelines. */
  public String label() {
    return label;
  }
}
