package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugMemory;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.seamcall.TdhMng;
import org.swtdx.seamcall.TdxStatus;

/** KVM_MEMORY_ENCRYPT_OP on a TD's file. */
final class TdxVmCommands {
  /** Metadata field MRTD, six elements of 8 bytes. */
  private static final long MRTD = 0x1310_0003_0000_0000L;

  private static final int MRTD_WORDS = 6;

  private final TdxVm vm;

  TdxVmCommands(TdxVm vm) {
    this.vm = vm;
  }

  /**
   * Executes a command.
   *
   * @param cmd the command as copied in
   * @param arg where it came from, to be told the status of a SEAMCALL that refused
   */
  int command(KvmTdxCmd cmd, Argument arg) {
    if (cmd.hwError() != 0) {
      return -EINVAL;
    }
    Argument data = arg.at(cmd.data());
    if (cmd.id() == KvmTdx.CAPABILITIES) {
      return capabilities(cmd, data);
    }
    if (cmd.id() == KvmExtensionAbi.TERMINATE_VM && vm.host().has(KvmExtension.TERMINATE_VM)) {
      return terminate(cmd, arg);
    }
    if (cmd.id() == KvmExtensionAbi.DEBUG_READ_MEMORY
        || cmd.id() == KvmExtensionAbi.DEBUG_WRITE_MEMORY) {
      return vm.host().has(KvmExtension.DEBUG_TD) ? debugMemory(cmd, data) : -EINVAL;
    }
    vm.lockState();
    try {
      if (vm.dead()) {
        return -EIO;
      }
      int result;
      switch (cmd.id()) {
        case KvmTdx.INIT_VM -> result = initVm(cmd, data);
        case KvmTdx.FINALIZE_VM -> result = finalizeVm(cmd);
        default -> {
          return -EINVAL;
        }
      }
      return arg.store(cmd) ? result : -EFAULT;
    } finally {
      vm.unlockState();
    }
  }

  /** Not in Linux: see {@link KvmExtension#TERMINATE_VM}. A vCPU in an ioctl is not waited for. */
  private int terminate(KvmTdxCmd cmd, Argument arg) {
    if (cmd.flags() != 0 || cmd.data() != 0) {
      return -EINVAL;
    }
    if (!vm.tryLockState()) {
      return -EBUSY;
    }
    try {
      if (vm.dead()) {
        return -EIO;
      }
      int result = vm.terminate() ? 0 : -EIO;
      return arg.store(cmd) ? result : -EFAULT;
    } finally {
      vm.unlockState();
    }
  }

  /** Not in Linux: see {@link KvmExtension#DEBUG_TD}. */
  private int debugMemory(KvmTdxCmd cmd, Argument data) {
    if (cmd.flags() != 0) {
      return -EINVAL;
    }
    KvmDebugMemory request = new KvmDebugMemory();
    if (!data.load(request)) {
      return -EFAULT;
    }
    boolean write = cmd.id() == KvmExtensionAbi.DEBUG_WRITE_MEMORY;
    int result = new TdDebugMemory(vm).copy(request, write);
    return data.store(request) ? result : -EFAULT;
  }

  private int capabilities(KvmTdxCmd cmd, Argument data) {
    if (cmd.flags() != 0) {
      return -EINVAL;
    }
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!data.plus(KvmTdxCapabilities.SIZE).load(header)) {
      return -EFAULT;
    }
    TdxLimits limits = vm.host().tdxLimits();
    if (Integer.compareUnsigned(header.nent(), limits.cpuidCount()) < 0) {
      return -E2BIG;
    }
    if (limits.attributes() == 0 || limits.xfam() == 0) {
      return -EIO;
    }
    KvmTdxCapabilities caps = KvmTdxCapabilities.withCapacity(limits.cpuidCount());
    limits.fill(caps);
    return data.store(caps) ? 0 : -EFAULT;
  }

  private int initVm(KvmTdxCmd cmd, Argument data) {
    if (vm.state() != TdxVm.State.UNINITIALIZED || cmd.flags() != 0) {
      return -EINVAL;
    }
    KvmCpuid2 header = new KvmCpuid2(0);
    if (!data.plus(KvmTdxInitVm.SIZE).load(header)) {
      return -EFAULT;
    }
    int entries = header.nent();
    if (Integer.compareUnsigned(entries, ListArguments.MAX_CPUID_ENTRIES) > 0) {
      return -E2BIG;
    }
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(entries);
    if (!data.load(init)) {
      return -EFAULT;
    }
    if (init.cpuid().nent() != entries) {
      return -EINVAL;
    }
    TdxVmInit sequence = new TdxVmInit(vm, init);
    int result = sequence.check();
    if (result == 0) {
      result = sequence.run();
    }
    cmd.hwError(sequence.hardwareError());
    return result;
  }

  private int finalizeVm(KvmTdxCmd cmd) {
    if (vm.state() != TdxVm.State.INITIALIZED) {
      return -EINVAL;
    }
    TdxStatus status =
        vm.host().cpus().onAny(lp -> vm.tdx().mng().finalizeMeasurement(lp, vm.td()));
    cmd.hwError(status.raw());
    if (status.isBusy()) {
      return -EBUSY;
    }
    if (!status.isSuccess()) {
      vm.bug(TdhMng.MR_FINALIZE.abiName() + " failed: " + status);
      return -EIO;
    }
    vm.finalized();
    TdObserver observer = vm.host().observer();
    if (observer != null) {
      observer.finalized(vm.number(), vm.host().cpus().onAny(this::readMrtd));
    }
    return 0;
  }

  private byte[] readMrtd(LogicalProcessor lp) {
    ByteBuffer mrtd = ByteBuffer.allocate(MRTD_WORDS * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < MRTD_WORDS; i++) {
      mrtd.putLong(vm.tdx().mng().read(lp, vm.td(), MRTD + i).value());
    }
    return mrtd.array();
  }
}
