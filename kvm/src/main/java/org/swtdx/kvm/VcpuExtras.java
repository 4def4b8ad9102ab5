package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import java.util.OptionalLong;
import org.swtdx.cpu.CpuState;
import org.swtdx.kvm.uapi.KvmCpuid;
import org.swtdx.kvm.uapi.KvmDeviceAttr;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmOneReg;
import org.swtdx.kvm.uapi.KvmSignalMask;
import org.swtdx.kvm.uapi.KvmTprAccessCtl;
import org.swtdx.kvm.uapi.KvmTranslation;
import org.swtdx.kvm.uapi.KvmVapicAddr;
import org.swtdx.kvm.uapi.KvmX86Mce;

/** The ioctls of a vCPU's file that are neither registers nor events. */
final class VcpuExtras {
  private static final int TSC_GROUP = 0;
  private static final int TSC_OFFSET = 0;
  private static final int SIGSET_BYTES = 8;
  private static final int MCG_CAP = 0x179;
  private static final int MCG_STATUS = 0x17a;
  private static final int MCG_CTL = 0x17b;
  private static final int MC0_CTL = 0x400;
  private static final long MCG_CTL_PRESENT = 1 << 8;
  private static final long MCI_VALID = 1L << 63;
  private static final long MCI_OVERFLOW = 1L << 62;
  private static final long MCI_UNCORRECTED = 1L << 61;
  private static final long MCG_IN_PROGRESS = 4;
  private static final long CR4_MCE = 1 << 6;

  private final Vcpu vcpu;

  VcpuExtras(Vcpu vcpu) {
    this.vcpu = vcpu;
  }

  int call(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.TRANSLATE -> arg.inOut(new KvmTranslation(), this::translate);
      case KvmIoctl.SET_CPUID -> setCpuid(arg);
      case KvmIoctl.SET_SIGNAL_MASK -> setSignalMask(arg);
      case KvmIoctl.GET_ONE_REG -> arg.in(new KvmOneReg(), r -> getRegister(arg, r));
      case KvmIoctl.SET_ONE_REG -> arg.in(new KvmOneReg(), r -> setRegister(arg, r));
      case KvmIoctl.GET_REG_LIST -> arg.loadU64(_ -> arg.storeU64(0));
      case KvmIoctl.TPR_ACCESS_REPORTING ->
          arg.inOut(new KvmTprAccessCtl(), t -> t.flags() != 0 ? -EINVAL : 0);
      case KvmIoctl.SET_VAPIC_ADDR -> setVapicAddress(arg);
      case KvmIoctl.KVMCLOCK_CTRL -> vcpu.guestWasStopped() ? 0 : -EINVAL;
      case KvmIoctl.X86_SETUP_MCE -> arg.loadU64(this::setupMce);
      case KvmIoctl.X86_SET_MCE -> arg.in(new KvmX86Mce(), this::setMce);
      case KvmIoctl.HAS_DEVICE_ATTR -> arg.in(new KvmDeviceAttr(), VcpuExtras::hasAttribute);
      case KvmIoctl.GET_DEVICE_ATTR -> arg.in(new KvmDeviceAttr(), a -> getAttribute(arg, a));
      case KvmIoctl.SET_DEVICE_ATTR -> arg.in(new KvmDeviceAttr(), a -> setAttribute(arg, a));
      case KvmIoctl.SMI -> -ENOTTY;
      case KvmIoctl.GET_STATS_FD -> statsFile();
      default -> -EINVAL;
    };
  }

  /** KVM_SET_VAPIC_ADDR: nothing needs the page that user space shows the task priority in. */
  private int setVapicAddress(Argument arg) {
    if (!vcpu.vm().hasIrqchip()) {
      return -EINVAL;
    }
    return arg.in(
        new KvmVapicAddr(),
        page -> {
          long gpa = page.vapicAddr();
          return gpa == 0 || vcpu.vm().slots().find(gpa >>> 12) != null ? 0 : -EINVAL;
        });
  }

  private int translate(KvmTranslation request) {
    long gpa =
        switch (vcpu) {
          case TdxVcpu td -> translate(td, request.linearAddress());
          case VmxVcpu ordinary -> translate(ordinary, request.linearAddress());
        };
    request.physicalAddress(gpa).valid(gpa == GuestWalk.NONE ? 0 : 1).writeable(1).usermode(0);
    return 0;
  }

  /** Without paging every address is its own translation, as far as it is none that says "none". */
  private static long translate(VmxVcpu ordinary, long linear) {
    CpuState state = ordinary.processor().state();
    boolean paging = (state.cr(0) & 1L << 31) != 0;
    return paging ? new GuestWalk(ordinary, state).translate(linear) : linear;
  }

  /** A TD's tables can be read if it can be debugged. */
  private static long translate(TdxVcpu td, long linear) {
    long[] gpa = {LinearTranslation.NONE};
    TdDebugState.on(
        td,
        state -> {
          TdDebugMemory memory = new TdDebugMemory(td.vm());
          gpa[0] =
              new LinearTranslation(state, (at, size) -> memory.load(td.lp(), at, size))
                  .translate(linear);
          return 0;
        });
    return gpa[0];
  }

  /** KVM_SET_CPUID: the list without sub-leaves that came before KVM_SET_CPUID2. */
  private int setCpuid(Argument arg) {
    KvmCpuid header = new KvmCpuid(0);
    if (!arg.load(header)) {
      return -EFAULT;
    }
    int count = header.nent();
    if (Integer.compareUnsigned(count, ListArguments.MAX_CPUID_ENTRIES) > 0) {
      return -E2BIG;
    }
    return arg.in(new KvmCpuid(count), list -> vcpu.acceptCpuid(list.toCpuid2(count)));
  }

  /** KVM_SET_SIGNAL_MASK: which signals are blocked during KVM_RUN; without a set, the thread's. */
  private int setSignalMask(Argument arg) {
    if (arg.value() == 0) {
      vcpu.signals.mask(OptionalLong.empty());
      return 0;
    }
    KvmSignalMask mask = new KvmSignalMask();
    if (!arg.load(mask)) {
      return -EFAULT;
    }
    if (mask.len() != SIGSET_BYTES) {
      return -EINVAL;
    }
    return arg.plus(KvmSignalMask.SIZE)
        .loadU64(
            set -> {
              vcpu.signals.mask(OptionalLong.of(set));
              return 0;
            });
  }

  // ---- registers by number ----

  private int getRegister(Argument arg, KvmOneReg register) {
    if (!register.isMsr()) {
      return -EINVAL;
    }
    KvmMsrs value = new KvmMsrs(1);
    return vcpu.readMsr(register.index(), value, 0)
        ? arg.at(register.addr()).storeU64(value.data(0))
        : -EINVAL;
  }

  private int setRegister(Argument arg, KvmOneReg register) {
    return register.isMsr()
        ? arg.at(register.addr())
            .loadU64(value -> vcpu.writeMsr(register.index(), value) ? 0 : -EINVAL)
        : -EINVAL;
  }

  // ---- machine checks ----

  private int setupMce(long cap) {
    if (!MachineCheck.supports(cap)) {
      return -EINVAL;
    }
    vcpu.setUpMachineChecks(cap);
    return 0;
  }

  private int setMce(KvmX86Mce mce) {
    if (mce.bank() >= (vcpu.msr(MCG_CAP) & 0xff) || (mce.status() & MCI_VALID) == 0) {
      return -EINVAL;
    }
    int bank = MC0_CTL + 4 * mce.bank();
    long before = vcpu.msr(bank + 1);
    if ((mce.status() & MCI_UNCORRECTED) == 0) {
      if ((before & MCI_VALID) == 0 || (before & MCI_UNCORRECTED) == 0) {
        record(mce, bank, before);
      } else {
        vcpu.writeMsr(bank + 1, before | MCI_OVERFLOW);
      }
      return 0;
    }
    boolean controlled = (vcpu.msr(MCG_CAP) & MCG_CTL_PRESENT) != 0;
    boolean reported = (!controlled || vcpu.msr(MCG_CTL) == -1) && vcpu.msr(bank) == -1;
    if (reported && vcpu instanceof VmxVcpu ordinary) {
      deliver(ordinary, mce, bank, before);
    }
    return 0;
  }

  private void deliver(VmxVcpu ordinary, KvmX86Mce mce, int bank, long before) {
    CpuState state = ordinary.processor().state();
    if ((vcpu.msr(MCG_STATUS) & MCG_IN_PROGRESS) != 0 || (state.cr(4) & CR4_MCE) == 0) {
      ordinary.events().requestTripleFault();
      return;
    }
    record(mce, bank, before);
    vcpu.writeMsr(MCG_STATUS, mce.mcgStatus());
    ordinary.events().exception(MachineCheck.VECTOR, -1);
  }

  private void record(KvmX86Mce mce, int bank, long before) {
    vcpu.writeMsr(bank + 2, mce.addr());
    vcpu.writeMsr(bank + 3, mce.misc());
    vcpu.writeMsr(bank + 1, mce.status() | ((before & MCI_VALID) != 0 ? MCI_OVERFLOW : 0));
  }

  // ---- attributes: the TSC offset ----

  private static int hasAttribute(KvmDeviceAttr attribute) {
    boolean known = attribute.group() == TSC_GROUP && attribute.attr() == TSC_OFFSET;
    return known ? 0 : -ENXIO;
  }

  private int getAttribute(Argument arg, KvmDeviceAttr attribute) {
    int result = hasAttribute(attribute);
    return result < 0 ? result : arg.at(attribute.addr()).storeU64(vcpu.tscOffset());
  }

  private int setAttribute(Argument arg, KvmDeviceAttr attribute) {
    int result = hasAttribute(attribute);
    return result < 0
        ? result
        : arg.at(attribute.addr())
            .loadU64(
                offset -> {
                  vcpu.tscOffset(offset);
                  return 0;
                });
  }

  private int statsFile() {
    Vm vm = vcpu.vm();
    String id = "kvm-" + vm.number() + "/vcpu-" + vcpu.id();
    return vm.installStats(vcpu.stats, id);
  }
}
