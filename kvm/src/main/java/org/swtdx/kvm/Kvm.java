package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.swtdx.cpu.CpuidModel;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmMsrList;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmVmType;

/**
 * An open /dev/kvm: the system ioctls. Results are non-negative, or a negative error number of
 * {@link org.swtdx.kvm.uapi.Errno}.
 */
public final class Kvm {
  private static final int API_VERSION = 12;

  private final KvmHost host;
  private final VmmProcess process;
  private final int fd;

  Kvm(KvmHost host, VmmProcess process, int fd) {
    this.host = host;
    this.process = process;
    this.fd = fd;
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** KVM_GET_API_VERSION: 12. */
  public int getApiVersion() {
    return API_VERSION;
  }

  /** KVM_CHECK_EXTENSION: the value of a capability, 0 when absent. */
  public int checkExtension(int cap) {
    return Capabilities.check(host, null, cap);
  }

  /** KVM_CREATE_VM: the descriptor of a new VM of a type in {@link KvmVmType}, or -EINVAL. */
  public int createVm(long type) {
    if (type < 0 || type >= 31 || (Capabilities.vmTypes(host) >>> type & 1) == 0) {
      return -EINVAL;
    }
    Vm vm =
        type == KvmVmType.TDX
            ? new TdxVm(host, process, host.tdx().orElseThrow())
            : new VmxVm(host, process, type == KvmVmType.SW_PROTECTED);
    vm.retain(true);
    return process.installVm(vm);
  }

  /** KVM_GET_VCPU_MMAP_SIZE: bytes of the area that a vCPU maps. */
  public int getVcpuMmapSize() {
    return KvmRun.SIZE;
  }

  /** KVM_GET_SUPPORTED_CPUID: what a guest may be given; -E2BIG when it does not fit. */
  public int getSupportedCpuid(KvmCpuid2 cpuid) {
    return SupportedCpuid.fill(CpuidModel.nativeModel(), host.platform().memory().layout(), cpuid);
  }

  /** KVM_GET_MSR_INDEX_LIST: MSRs that can be saved and restored; -E2BIG sets the needed size. */
  public int getMsrIndexList(KvmMsrList list) {
    return fill(list, MsrLists.SAVED);
  }

  /** KVM_GET_MSR_FEATURE_INDEX_LIST: feature MSRs; -E2BIG sets the needed size. */
  public int getMsrFeatureIndexList(KvmMsrList list) {
    return fill(list, MsrLists.FEATURES);
  }

  private static int fill(KvmMsrList list, int[] values) {
    int room = Math.min(list.nmsrs(), list.capacity());
    list.nmsrs(values.length);
    if (room < values.length) {
      return -E2BIG;
    }
    for (int i = 0; i < values.length; i++) {
      list.indices(i, values[i]);
    }
    return 0;
  }

  /** KVM_GET_MSRS on the system: values of feature MSRs; returns how many were read. */
  public int getMsrs(KvmMsrs msrs) {
    int count = Math.min(msrs.nmsrs(), msrs.capacity());
    for (int i = 0; i < count; i++) {
      if (!MsrLists.isFeature(msrs.index(i))) {
        return i;
      }
      msrs.data(i, MsrLists.featureValue(msrs.index(i)));
    }
    return count;
  }
}
