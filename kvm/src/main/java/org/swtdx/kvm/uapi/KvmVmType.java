package org.swtdx.kvm.uapi;

/** VM types of KVM_CREATE_VM; bit positions in {@code KVM_CAP_VM_TYPES}. */
public final class KvmVmType {
  /** An ordinary VM. */
  public static final int DEFAULT = 0;

  /** A VM with private memory and no hardware behind it. */
  public static final int SW_PROTECTED = 1;

  /** AMD SEV; never reported here. */
  public static final int SEV = 2;

  /** AMD SEV-ES; never reported here. */
  public static final int SEV_ES = 3;

  /** AMD SEV-SNP; never reported here. */
  public static final int SNP = 4;

  /** A Trust Domain. */
  public static final int TDX = 5;

  private KvmVmType() {}
}
