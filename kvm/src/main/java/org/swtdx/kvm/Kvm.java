package org.swtdx.kvm;

import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmMsrList;
import org.swtdx.kvm.uapi.KvmMsrs;

/**
 * A typed client of /dev/kvm: one method per ioctl. Results are non-negative, or a negative error
 * number of {@link org.swtdx.kvm.uapi.Errno}.
 */
public final class Kvm {
  private final ClientFile file;

  Kvm(ClientFile file) {
    this.file = file;
  }

  /** The descriptor. */
  public int fd() {
    return file.fd();
  }

  /** KVM_GET_API_VERSION: 12. */
  public int getApiVersion() {
    return file.call(KvmIoctl.GET_API_VERSION, 0);
  }

  /** KVM_CHECK_EXTENSION: the value of a capability, 0 when absent. */
  public int checkExtension(int cap) {
    return file.call(KvmIoctl.CHECK_EXTENSION, cap);
  }

  /**
   * KVM_CREATE_VM: the descriptor of a new VM of a type in {@link org.swtdx.kvm.uapi.KvmVmType}, or
   * -EINVAL.
   */
  public int createVm(long type) {
    return file.call(KvmIoctl.CREATE_VM, type);
  }

  /** KVM_GET_VCPU_MMAP_SIZE: bytes of the area that a vCPU maps. */
  public int getVcpuMmapSize() {
    return file.call(KvmIoctl.GET_VCPU_MMAP_SIZE, 0);
  }

  /** KVM_GET_SUPPORTED_CPUID: what a guest may be given; -E2BIG when it does not fit. */
  public int getSupportedCpuid(KvmCpuid2 cpuid) {
    return file.call(KvmIoctl.GET_SUPPORTED_CPUID, cpuid);
  }

  /** KVM_GET_MSR_INDEX_LIST: MSRs that can be saved; -E2BIG sets the needed size. */
  public int getMsrIndexList(KvmMsrList list) {
    return file.call(KvmIoctl.GET_MSR_INDEX_LIST, list);
  }

  /** KVM_GET_MSR_FEATURE_INDEX_LIST: feature MSRs; -E2BIG sets the size. */
  public int getMsrFeatureIndexList(KvmMsrList list) {
    return file.call(KvmIoctl.GET_MSR_FEATURE_INDEX_LIST, list);
  }

  /** KVM_GET_MSRS on the system: feature MSRs; returns how many were read. */
  public int getMsrs(KvmMsrs msrs) {
    return file.call(KvmIoctl.GET_MSRS, msrs);
  }
}
