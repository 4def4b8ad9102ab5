package org.swtdx.vmm;

/** Where the interrupt controllers of an ordinary VM are. */
public enum IrqchipMode {
  /** 8259s, I/O APIC and 8254 in the kernel (KVM_CREATE_IRQCHIP). */
  ON("on"),
  /** Local APICs in the kernel, the rest in this process (KVM_CAP_SPLIT_IRQCHIP). */
  SPLIT("split");

  private final String label;

  IrqchipMode(String label) {
    this.label = label;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }
}
