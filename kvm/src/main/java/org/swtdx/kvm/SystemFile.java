package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import org.swtdx.cpu.CpuidModel;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDeviceAttr;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmVmType;

/** An open /dev/kvm. An unknown ioctl gives -EINVAL. */
public final class SystemFile extends KvmFile {
  private static final int API_VERSION = 12;
  private static final int XCOMP_GUEST_SUPPORTED = 0;

  private final KvmHost host;

  SystemFile(KvmHost host) {
    this.host = host;
  }

  @Override
  int ioctl(UserProcess caller, int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.GET_API_VERSION -> arg.value() != 0 ? -EINVAL : API_VERSION;
      case KvmIoctl.CREATE_VM -> createVm(caller, arg.value());
      case KvmIoctl.CHECK_EXTENSION -> Capabilities.check(host, null, arg.value());
      case KvmIoctl.GET_VCPU_MMAP_SIZE -> arg.value() != 0 ? -EINVAL : KvmRun.SIZE;
      case KvmIoctl.GET_MSR_INDEX_LIST -> ListArguments.msrIndices(arg, MsrLists.SAVED);
      case KvmIoctl.GET_MSR_FEATURE_INDEX_LIST -> ListArguments.msrIndices(arg, MsrLists.FEATURES);
      case KvmIoctl.GET_SUPPORTED_CPUID -> cpuid(arg, supportedCpuid());
      case KvmIoctl.GET_EMULATED_CPUID -> emulatedCpuid(arg);
      case KvmIoctl.X86_GET_MCE_CAP_SUPPORTED -> arg.storeU64(MachineCheck.SUPPORTED_CAP);
      case KvmIoctl.GET_MSRS -> ListArguments.msrs(arg, true, SystemFile::featureMsrs);
      case KvmIoctl.GET_DEVICE_ATTR -> arg.in(new KvmDeviceAttr(), a -> getAttribute(arg, a));
      case KvmIoctl.HAS_DEVICE_ATTR -> arg.in(new KvmDeviceAttr(), SystemFile::hasAttribute);
      default -> -EINVAL;
    };
  }

  private int createVm(UserProcess caller, long type) {
    if (type < 0 || type >= 31 || (Capabilities.vmTypes(host) >>> type & 1) == 0) {
      return -EINVAL;
    }
    if (!host.heap().take(HeapRoom.VM)) {
      return -ENOMEM;
    }
    Vm vm =
        type == KvmVmType.TDX
            ? new TdxVm(host, caller, host.tdx().orElseThrow())
            : new VmxVm(host, caller, type == KvmVmType.SW_PROTECTED);
    vm.retain(true);
    int fd = caller.install(new VmFile(vm));
    if (fd < 0) {
      vm.release(true);
    }
    return fd;
  }

  private KvmCpuid2 supportedCpuid() {
    return SupportedCpuid.list(CpuidModel.nativeModel(), host.platform().memory().layout());
  }

  private static int cpuid(Argument arg, KvmCpuid2 entries) {
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    return header.nent() == 0 ? -E2BIG : ListArguments.cpuidOut(arg, entries, false);
  }

  /** Like Linux, it wants room for one entry more than there are, and no padding used. */
  private static int emulatedCpuid(Argument arg) {
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    int room =
        (int) Math.min(Integer.toUnsignedLong(header.nent()), ListArguments.MAX_CPUID_ENTRIES);
    KvmCpuid2 given = new KvmCpuid2(room);
    if (room == 0) {
      return -E2BIG;
    }
    if (!arg.load(given) || given.hasPadding(room)) {
      return -EINVAL;
    }
    KvmCpuid2 list = EmulatedCpuid.list();
    return room <= list.nent() ? -E2BIG : ListArguments.cpuidOut(arg, list, false);
  }

  private static int featureMsrs(KvmMsrs msrs) {
    for (int i = 0; i < msrs.nmsrs(); i++) {
      if (!MsrLists.isFeature(msrs.index(i))) {
        return i;
      }
      msrs.data(i, MsrLists.featureValue(msrs.index(i)));
    }
    return msrs.nmsrs();
  }

  private static int hasAttribute(KvmDeviceAttr attribute) {
    return attribute.group() == 0 && attribute.attr() == XCOMP_GUEST_SUPPORTED ? 0 : -ENXIO;
  }

  private static int getAttribute(Argument arg, KvmDeviceAttr attribute) {
    int result = hasAttribute(attribute);
    return result < 0
        ? result
        : arg.at(attribute.addr()).storeU64(SupportedCpuid.xcr0(CpuidModel.nativeModel()));
  }

  @Override
  public void release() {
    // /dev/kvm holds nothing.
  }
}
