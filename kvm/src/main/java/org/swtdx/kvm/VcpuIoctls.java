package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.function.ToIntFunction;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmGuestDebug;
import org.swtdx.kvm.uapi.KvmInterrupt;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmVcpuEvents;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;

/** The ioctls of a vCPU's file, KVM_RUN aside. An unknown one gives -EINVAL. */
final class VcpuIoctls {
  /** NMI pending, interrupt shadow, SMM: what kvm_vcpu_events of a TD has. */
  private static final int EVENTS_OF_A_TD = 13;

  private final Vcpu vcpu;
  private final VcpuExtras extras;

  VcpuIoctls(Vcpu vcpu) {
    this.vcpu = vcpu;
    extras = new VcpuExtras(vcpu);
  }

  /** Calls an ioctl under the vCPU's mutex, which a thread in KVM_RUN holds. */
  int call(int number, Argument arg) {
    if (number == KvmIoctl.MEMORY_ENCRYPT_OP) {
      return encryptOp(arg);
    }
    vcpu.mutex.lock();
    try {
      return state(number, arg);
    } finally {
      vcpu.mutex.unlock();
    }
  }

  private int encryptOp(Argument arg) {
    return switch (vcpu) {
      case VmxVcpu _ -> -EINVAL;
      case TdxVcpu td -> {
        KvmTdxCmd cmd = new KvmTdxCmd();
        yield arg.load(cmd) ? new TdxVcpuCommands(td).command(cmd, arg) : -EFAULT;
      }
    };
  }

  /** What needs the registers of a vCPU; a TD's are protected unless it can be debugged. */
  private int registers(ToIntFunction<RegisterIoctls> action) {
    return switch (vcpu) {
      case TdxVcpu td -> TdDebugState.apply(td, action);
      case VmxVcpu ordinary -> action.applyAsInt(ordinary.state());
    };
  }

  private int state(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.GET_REGS -> arg.out(new KvmRegs(), v -> registers(s -> s.getRegs(v)));
      case KvmIoctl.SET_REGS -> arg.in(new KvmRegs(), v -> registers(s -> s.setRegs(v)));
      case KvmIoctl.GET_SREGS -> arg.out(new KvmSregs(), v -> registers(s -> s.getSregs(v)));
      case KvmIoctl.SET_SREGS -> arg.in(new KvmSregs(), v -> registers(s -> s.setSregs(v)));
      case KvmIoctl.GET_SREGS2 -> arg.out(new KvmSregs2(), v -> registers(s -> s.getSregs2(v)));
      case KvmIoctl.SET_SREGS2 -> arg.in(new KvmSregs2(), v -> registers(s -> s.setSregs2(v)));
      case KvmIoctl.GET_FPU -> arg.out(new KvmFpu(), v -> registers(s -> s.getFpu(v)));
      case KvmIoctl.SET_FPU -> arg.in(new KvmFpu(), v -> registers(s -> s.setFpu(v)));
      case KvmIoctl.GET_XSAVE, KvmIoctl.GET_XSAVE2 ->
          arg.out(new KvmXsave(), v -> registers(s -> s.getXsave(v)));
      case KvmIoctl.SET_XSAVE -> arg.in(new KvmXsave(), v -> registers(s -> s.setXsave(v)));
      case KvmIoctl.GET_XCRS -> arg.out(new KvmXcrs(), v -> registers(s -> s.getXcrs(v)));
      case KvmIoctl.SET_XCRS -> arg.in(new KvmXcrs(), v -> registers(s -> s.setXcrs(v)));
      case KvmIoctl.GET_DEBUGREGS ->
          arg.out(new KvmDebugRegs(), v -> registers(s -> s.getDebugRegs(v)));
      case KvmIoctl.SET_DEBUGREGS ->
          arg.in(new KvmDebugRegs(), v -> registers(s -> s.setDebugRegs(v)));
      case KvmIoctl.GET_LAPIC -> arg.out(new KvmLapicState(), v -> registers(s -> s.getLapic(v)));
      case KvmIoctl.SET_LAPIC -> arg.in(new KvmLapicState(), v -> registers(s -> s.setLapic(v)));
      default -> common(number, arg);
    };
  }

  private int common(int number, Argument arg) {
    return switch (number) {
      case KvmIoctl.GET_MP_STATE -> arg.out(new KvmMpState(), this::getMpState);
      case KvmIoctl.SET_MP_STATE -> arg.in(new KvmMpState(), this::setMpState);
      case KvmIoctl.SET_CPUID2 -> ListArguments.cpuidIn(arg, vcpu::acceptCpuid);
      case KvmIoctl.GET_CPUID2 -> ListArguments.cpuidOut(arg, currentCpuid(), false);
      case KvmIoctl.GET_MSRS -> ListArguments.msrs(arg, true, this::getMsrs);
      case KvmIoctl.SET_MSRS -> ListArguments.msrs(arg, false, this::setMsrs);
      case KvmIoctl.GET_VCPU_EVENTS -> arg.out(new KvmVcpuEvents(), this::getEvents);
      case KvmIoctl.SET_VCPU_EVENTS -> arg.in(new KvmVcpuEvents(), this::setEvents);
      case KvmIoctl.GET_TSC_KHZ -> vcpu.tscKhz();
      case KvmIoctl.SET_TSC_KHZ -> setTscKhz((int) arg.value());
      case KvmIoctl.NMI -> nmi();
      case KvmIoctl.INTERRUPT -> arg.in(new KvmInterrupt(), this::interrupt);
      case KvmIoctl.ENABLE_CAP -> arg.in(new KvmEnableCap(), this::enableCap);
      case KvmIoctl.SET_GUEST_DEBUG -> arg.in(new KvmGuestDebug(), this::setGuestDebug);
      case KvmIoctl.PRE_FAULT_MEMORY -> arg.progress(new KvmPreFaultMemory(), this::preFault);
      default -> extras.call(number, arg);
    };
  }

  private int enableCap(KvmEnableCap cap) {
    if (cap.flags() != 0 || cap.cap() != KvmCap.ENFORCE_PV_FEATURE_CPUID) {
      return -EINVAL;
    }
    if (vcpu instanceof VmxVcpu ordinary) {
      ordinary.cpuidEffects().enforceParavirtual(cap.args(0) != 0);
    }
    return 0;
  }

  private KvmCpuid2 currentCpuid() {
    return switch (vcpu) {
      case TdxVcpu td -> GuestCpuid.copyOf(td.cpuid().entries()).entries();
      case VmxVcpu ordinary -> ordinary.cpuidEffects().current();
    };
  }

  private int getMpState(KvmMpState state) {
    if (vcpu instanceof VmxVcpu ordinary) {
      ordinary.startup().accept();
    }
    state.mpState(vcpu.mpState());
    return 0;
  }

  private int setMpState(KvmMpState state) {
    int value = state.mpState();
    boolean known = value == KvmMpState.RUNNABLE || value == KvmMpState.HALTED;
    boolean startup =
        value >= 0 && value <= KvmMpState.SIPI_RECEIVED || value == KvmMpState.AP_RESET_HOLD;
    if (!known && (!startup || vcpu instanceof TdxVcpu)
        || value != KvmMpState.RUNNABLE && !vcpu.vm().hasIrqchip()) {
      return -EINVAL;
    }
    if (value == KvmMpState.SIPI_RECEIVED && vcpu instanceof VmxVcpu ordinary) {
      ordinary.mpState(KvmMpState.INIT_RECEIVED);
      ordinary.requestStartup(ordinary.startup().lastVector());
    } else {
      vcpu.mpState(value);
    }
    return 0;
  }

  private int getMsrs(KvmMsrs msrs) {
    for (int i = 0; i < msrs.nmsrs(); i++) {
      if (!vcpu.readMsr(msrs.index(i), msrs, i)) {
        return i;
      }
    }
    return msrs.nmsrs();
  }

  private int setMsrs(KvmMsrs msrs) {
    for (int i = 0; i < msrs.nmsrs(); i++) {
      if (!vcpu.writeMsr(msrs.index(i), msrs.data(i))) {
        return i;
      }
    }
    return msrs.nmsrs();
  }

  private int getEvents(KvmVcpuEvents events) {
    return switch (vcpu) {
      case TdxVcpu td -> {
        events.nmiPending(td.nmiRequested() ? 1 : 0);
        events.flags(EVENTS_OF_A_TD);
        yield 0;
      }
      case VmxVcpu ordinary -> ordinary.events().get(events);
    };
  }

  private int setEvents(KvmVcpuEvents events) {
    return switch (vcpu) {
      case TdxVcpu td -> {
        if ((events.flags() & ~EVENTS_OF_A_TD) != 0) {
          yield -EINVAL;
        }
        td.nmiRequest(events.nmiPending() != 0);
        yield 0;
      }
      case VmxVcpu ordinary -> ordinary.events().set(events);
    };
  }

  private int setGuestDebug(KvmGuestDebug request) {
    return switch (vcpu) {
      case TdxVcpu td -> td.debug().set(request);
      case VmxVcpu ordinary -> ordinary.debug().set(request);
    };
  }

  private int setTscKhz(int khz) {
    return switch (vcpu) {
      case TdxVcpu _ -> -EINVAL;
      case VmxVcpu ordinary -> ordinary.setTscKhz(khz);
    };
  }

  private int interrupt(KvmInterrupt interrupt) {
    return switch (vcpu) {
      case TdxVcpu _ -> -EINVAL;
      case VmxVcpu ordinary -> ordinary.external().interrupt(interrupt.irq());
    };
  }

  private int nmi() {
    vcpu.requestNmi();
    return 0;
  }

  private int preFault(KvmPreFaultMemory range) {
    return switch (vcpu) {
      case TdxVcpu td -> new TdxVcpuCommands(td).preFault(range);
      case VmxVcpu ordinary -> ordinary.preFault(range);
    };
  }
}
