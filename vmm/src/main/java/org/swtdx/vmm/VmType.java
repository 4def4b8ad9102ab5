package org.swtdx.vmm;

import org.swtdx.kvm.uapi.KvmVmType;

/** Kinds of virtual machine that can be launched. */
public enum VmType {
  /** A Trust Domain. */
  TDX("tdx", KvmVmType.TDX),
  /** An ordinary virtual machine. */
  DEFAULT("default", KvmVmType.DEFAULT);

  private final String label;
  private final int kvmType;

  VmType(String label, int kvmType) {
    this.label = label;
    this.kvmType = kvmType;
  }

  /** The name on the command line. */
  public String label() {
    return label;
  }

  /** The type that KVM_CREATE_VM takes. */
  public int kvmType() {
    return kvmType;
  }
}
