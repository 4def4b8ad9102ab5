package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.EOPNOTSUPP;

import java.lang.foreign.MemorySegment;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmVcpuEvents;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;
import org.swtdx.kvm.uapi.Struct;

/**
 * A vCPU descriptor: the vCPU ioctls. Results are non-negative, or a negative error number of
 * {@link org.swtdx.kvm.uapi.Errno}; every ioctl on a dead VM gives -EIO.
 */
public final class KvmVcpu {
  private static final int MAX_CPUID_ENTRIES = 256;

  private final Vcpu vcpu;
  private final int fd;

  KvmVcpu(Vcpu vcpu, int fd) {
    this.vcpu = vcpu;
    this.fd = fd;
  }

  Vcpu vcpu() {
    return vcpu;
  }

  /** The descriptor. */
  public int fd() {
    return fd;
  }

  /** The area that mmap of the descriptor gives. */
  public KvmRun kvmRun() {
    return vcpu.run;
  }

  private int refuse() {
    return vcpu.vm().dead() ? -EIO : -EINVAL;
  }

  /** Runs an ioctl under the vCPU's mutex; a thread in KVM_RUN holds it. */
  private int locked(IntSupplier ioctl) {
    if (vcpu.vm().dead()) {
      return -EIO;
    }
    vcpu.mutex.lock();
    try {
      return ioctl.getAsInt();
    } finally {
      vcpu.mutex.unlock();
    }
  }

  /**
   * KVM_RUN: 0 with an exit in {@link #kvmRun}, or a negative error number: -EINTR when
   * interrupted, -EFAULT with KVM_EXIT_MEMORY_FAULT filled in. One thread at a time.
   */
  public int run() {
    return vcpu.vm().dead() ? -EIO : vcpu.run();
  }

  /**
   * Sends a signal to the thread in {@link #run}: it returns -EINTR, now or at its next call. Any
   * thread.
   */
  public void kick() {
    vcpu.raiseSignal();
  }

  /**
   * KVM_MEMORY_ENCRYPT_OP with a TDX command. {@code data} is the structure that {@code cmd.data}
   * points to where the sub-command has one: {@link org.swtdx.kvm.uapi.KvmTdxInitMemRegion}, {@link
   * KvmCpuid2}.
   */
  public int memoryEncryptOp(KvmTdxCmd cmd, @Nullable Struct data) {
    if (vcpu.vm().dead()) {
      return -EIO;
    }
    return switch (vcpu) {
      case TdxVcpu td -> new TdxVcpuCommands(td).command(cmd, data);
      case VmxVcpu _ -> -EINVAL;
    };
  }

  /** KVM_SET_CPUID2. */
  public int setCpuid2(KvmCpuid2 cpuid) {
    return locked(
        () -> {
          if (Integer.compareUnsigned(cpuid.nent(), MAX_CPUID_ENTRIES) > 0) {
            return -E2BIG;
          }
          if (cpuid.nent() > cpuid.capacity()) {
            return -EFAULT;
          }
          vcpu.cpuid(GuestCpuid.copyOf(cpuid));
          return 0;
        });
  }

  /** KVM_GET_CPUID2: -E2BIG sets the needed size. */
  public int getCpuid2(KvmCpuid2 cpuid) {
    return locked(
        () -> {
          KvmCpuid2 entries = vcpu.cpuid().entries();
          int room = Math.min(cpuid.nent(), cpuid.capacity());
          cpuid.nent(entries.nent());
          if (room < entries.nent()) {
            return -E2BIG;
          }
          long bytes = (long) entries.nent() * KvmCpuid2.ENTRY_SIZE;
          MemorySegment.copy(
              entries.segment(), KvmCpuid2.SIZE, cpuid.segment(), KvmCpuid2.SIZE, bytes);
          return 0;
        });
  }

  /** KVM_NMI: makes an NMI pending. */
  public int nmi() {
    return locked(
        () -> {
          vcpu.requestNmi();
          return 0;
        });
  }

  /** KVM_PRE_FAULT_MEMORY: maps a range as faults would; the structure says what is left. */
  public int preFaultMemory(KvmPreFaultMemory range) {
    return locked(
        () ->
            switch (vcpu) {
              case TdxVcpu td -> new TdxVcpuCommands(td).preFault(range);
              case VmxVcpu _ -> -EOPNOTSUPP;
            });
  }

  /** KVM_GET_MP_STATE. */
  public int getMpState(KvmMpState state) {
    return locked(
        () -> {
          state.mpState(vcpu.mpState());
          return 0;
        });
  }

  /** KVM_SET_MP_STATE. */
  public int setMpState(KvmMpState state) {
    return locked(
        () -> {
          int value = state.mpState();
          boolean known = value == KvmMpState.RUNNABLE || value == KvmMpState.HALTED;
          boolean startup = value >= 0 && value <= KvmMpState.SIPI_RECEIVED;
          if (!known && (!startup || vcpu instanceof TdxVcpu)) {
            return -EINVAL;
          }
          vcpu.mpState(value);
          return 0;
        });
  }

  /** KVM_GET_MSRS: how many leading entries were read. */
  public int getMsrs(KvmMsrs msrs) {
    return locked(
        () -> {
          int count = Math.min(msrs.nmsrs(), msrs.capacity());
          for (int i = 0; i < count; i++) {
            if (!vcpu.readMsr(msrs.index(i), msrs, i)) {
              return i;
            }
          }
          return count;
        });
  }

  /** KVM_SET_MSRS: how many leading entries were written. */
  public int setMsrs(KvmMsrs msrs) {
    return locked(
        () -> {
          int count = Math.min(msrs.nmsrs(), msrs.capacity());
          for (int i = 0; i < count; i++) {
            if (!vcpu.writeMsr(msrs.index(i), msrs.data(i))) {
              return i;
            }
          }
          return count;
        });
  }

  /** KVM_GET_TSC_KHZ. */
  public int getTscKhz() {
    return locked(vcpu::tscKhz);
  }

  /** KVM_SET_TSC_KHZ; -EINVAL on a TD, whose TSC is protected. */
  public int setTscKhz(int khz) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.setTscKhz(khz));
    };
  }

  /** KVM_GET_VCPU_EVENTS. */
  public int getVcpuEvents(KvmVcpuEvents value) {
    return locked(
        () -> {
          value.segment().fill((byte) 0);
          value.nmiPending(vcpu.nmiRequested() ? 1 : 0);
          return 0;
        });
  }

  /** KVM_SET_VCPU_EVENTS. */
  public int setVcpuEvents(KvmVcpuEvents value) {
    return locked(
        () -> {
          if (value.nmiPending() != 0) {
            vcpu.requestNmi();
          }
          return 0;
        });
  }

  /** KVM_GET_REGS; -EINVAL on a TD, whose state is protected. */
  public int getRegs(KvmRegs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getRegs(value));
    };
  }

  /** KVM_SET_REGS; -EINVAL on a TD, whose state is protected. */
  public int setRegs(KvmRegs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setRegs(value));
    };
  }

  /** KVM_GET_SREGS; -EINVAL on a TD, whose state is protected. */
  public int getSregs(KvmSregs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getSregs(value));
    };
  }

  /** KVM_SET_SREGS; -EINVAL on a TD, whose state is protected. */
  public int setSregs(KvmSregs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setSregs(value));
    };
  }

  /** KVM_GET_FPU; -EINVAL on a TD, whose state is protected. */
  public int getFpu(KvmFpu value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getFpu(value));
    };
  }

  /** KVM_SET_FPU; -EINVAL on a TD, whose state is protected. */
  public int setFpu(KvmFpu value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setFpu(value));
    };
  }

  /** KVM_GET_LAPIC; -EINVAL on a TD, whose state is protected. */
  public int getLapic(KvmLapicState value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getLapic(value));
    };
  }

  /** KVM_SET_LAPIC; -EINVAL on a TD, whose state is protected. */
  public int setLapic(KvmLapicState value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setLapic(value));
    };
  }

  /** KVM_GET_XSAVE; -EINVAL on a TD, whose state is protected. */
  public int getXsave(KvmXsave value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getXsave(value));
    };
  }

  /** KVM_SET_XSAVE; -EINVAL on a TD, whose state is protected. */
  public int setXsave(KvmXsave value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setXsave(value));
    };
  }

  /** KVM_GET_XCRS; -EINVAL on a TD, whose state is protected. */
  public int getXcrs(KvmXcrs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getXcrs(value));
    };
  }

  /** KVM_SET_XCRS; -EINVAL on a TD, whose state is protected. */
  public int setXcrs(KvmXcrs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setXcrs(value));
    };
  }

  /** KVM_GET_DEBUGREGS; -EINVAL on a TD, whose state is protected. */
  public int getDebugRegs(KvmDebugRegs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().getDebugRegs(value));
    };
  }

  /** KVM_SET_DEBUGREGS; -EINVAL on a TD, whose state is protected. */
  public int setDebugRegs(KvmDebugRegs value) {
    return switch (vcpu) {
      case TdxVcpu _ -> refuse();
      case VmxVcpu ordinary -> locked(() -> ordinary.state().setDebugRegs(value));
    };
  }
}
