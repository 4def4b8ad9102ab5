package org.swtdx.kvm;

import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmMsrList;
import org.swtdx.kvm.uapi.KvmMsrs;

/** An open /dev/kvm: the system ioctls. Results are non-negative, or a negative error number. */
public final class Kvm {
  /** The descriptor. */
  public int fd() {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_API_VERSION: 12. */
  public int getApiVersion() {
    throw new UnsupportedOperationException();
  }

  /** KVM_CHECK_EXTENSION: the value of a capability, 0 when absent. */
  public int checkExtension(int cap) {
    throw new UnsupportedOperationException();
  }

  /**
   * KVM_CREATE_VM: the descriptor of a new VM of a type in {@link org.swtdx.kvm.uapi.KvmVmType}.
   */
  public int createVm(long type) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_VCPU_MMAP_SIZE: bytes of the area that a vCPU maps. */
  public int getVcpuMmapSize() {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_SUPPORTED_CPUID: what a guest may be given; -E2BIG when it does not fit. */
  public int getSupportedCpuid(KvmCpuid2 cpuid) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_MSR_INDEX_LIST: MSRs that can be saved and restored; -E2BIG sets the needed size. */
  public int getMsrIndexList(KvmMsrList list) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_MSR_FEATURE_INDEX_LIST: feature MSRs; -E2BIG sets the needed size. */
  public int getMsrFeatureIndexList(KvmMsrList list) {
    throw new UnsupportedOperationException();
  }

  /** KVM_GET_MSRS on the system: values of feature MSRs; returns how many were read. */
  public int getMsrs(KvmMsrs msrs) {
    throw new UnsupportedOperationException();
  }
}
