package org.swtdx.kvm;

/** What KVM counts about a VM or a vCPU, by the names that the kernel gives it. */
enum Stat {
  REMOTE_TLB_FLUSH("remote_tlb_flush", true),
  EXITS("exits", false),
  IO_EXITS("io_exits", false),
  MMIO_EXITS("mmio_exits", false),
  SIGNAL_EXITS("signal_exits", false),
  IRQ_EXITS("irq_exits", false),
  HALT_EXITS("halt_exits", false),
  HYPERCALLS("hypercalls", false),
  PF_TAKEN("pf_taken", false),
  NMI_INJECTIONS("nmi_injections", false);

  private final String label;
  private final boolean ofVm;

  Stat(String label, boolean ofVm) {
    this.label = label;
    this.ofVm = ofVm;
  }

  String label() {
    return label;
  }

  /** Whether it is counted per VM, else per vCPU. */
  boolean ofVm() {
    return ofVm;
  }
}
