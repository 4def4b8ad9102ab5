package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.Struct;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.TdxPlatform;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxTd;

/** A Trust Domain. */
final class TdxVm extends Vm {
  /** Where KVM is with the TD. */
  enum State {
    UNINITIALIZED,
    INITIALIZED,
    RUNNABLE
  }

  private final TdxPlatform tdx;
  private volatile State state = State.UNINITIALIZED;
  private volatile @Nullable TdxTd td;
  private volatile @Nullable TdxMemory privateMemory;
  private volatile boolean entriesHeldOff;
  private int gpaBits;
  private long tscOffset;
  private long tscMultiplier;
  private long attributeBits;

  TdxVm(KvmHost host, VmmProcess process, TdxPlatform tdx) {
    super(host, process);
    this.tdx = tdx;
  }

  TdxPlatform tdx() {
    return tdx;
  }

  State state() {
    return state;
  }

  boolean runnable() {
    return state == State.RUNNABLE;
  }

  /** The TD; it has been initialized. */
  TdxTd td() {
    return Objects.requireNonNull(td);
  }

  /** The TD's memory; it has been initialized. */
  TdxMemory privateMemory() {
    return Objects.requireNonNull(privateMemory);
  }

  /** Guest physical address width, 48 or 52. */
  int gpaBits() {
    return gpaBits;
  }

  /** The SHARED bit of guest physical addresses. */
  long sharedBit() {
    return 1L << gpaBits - 1;
  }

  boolean isPrivate(long gpa) {
    return (gpa & sharedBit()) == 0;
  }

  /** TD ATTRIBUTES, the fixed bits included. */
  long attributeBits() {
    return attributeBits;
  }

  /** The TSC that the guest reads when the host reads {@code hostTsc}. */
  long guestTsc(long hostTsc) {
    long high = Math.unsignedMultiplyHigh(hostTsc, tscMultiplier);
    return (high << 16 | hostTsc * tscMultiplier >>> 48) + tscOffset;
  }

  /** Keeps vCPUs from entering the guest while a SEAMCALL needs them all outside. */
  void holdOffEntries(boolean hold) {
    entriesHeldOff = hold;
  }

  boolean entriesHeldOff() {
    return entriesHeldOff;
  }

  // ---- KVM_MEMORY_ENCRYPT_OP ----

  int command(KvmTdxCmd cmd, @Nullable Struct data) {
    if (cmd.hwError() != 0) {
      return -EINVAL;
    }
    if (cmd.id() == KvmTdx.CAPABILITIES) {
      return capabilities(cmd, data);
    }
    lock.lock();
    try {
      return switch (cmd.id()) {
        case KvmTdx.INIT_VM -> initVm(cmd, data);
        case KvmTdx.FINALIZE_VM -> finalizeVm(cmd);
        default -> -EINVAL;
      };
    } finally {
      lock.unlock();
    }
  }

  private int capabilities(KvmTdxCmd cmd, @Nullable Struct data) {
    if (cmd.flags() != 0) {
      return -EINVAL;
    }
    if (!(data instanceof KvmTdxCapabilities caps)
        || caps.segment().byteSize() < KvmTdxCapabilities.SIZE + 8) {
      return -EFAULT;
    }
    TdxLimits limits = host().tdxLimits();
    if (Integer.compareUnsigned(caps.cpuid().nent(), limits.cpuidCount()) < 0) {
      return -E2BIG;
    }
    if (caps.cpuid().capacity() < limits.cpuidCount()) {
      return -EFAULT;
    }
    if (limits.attributes() == 0 || limits.xfam() == 0) {
      return -EIO;
    }
    limits.fill(caps);
    return 0;
  }

  private int initVm(KvmTdxCmd cmd, @Nullable Struct data) {
    if (state != State.UNINITIALIZED || cmd.flags() != 0) {
      return -EINVAL;
    }
    if (!(data instanceof KvmTdxInitVm init) || init.segment().byteSize() < KvmTdxInitVm.SIZE + 8) {
      return -EFAULT;
    }
    TdxVmInit sequence = new TdxVmInit(this, init);
    int result = sequence.check();
    if (result == 0) {
      result = sequence.run();
    }
    cmd.hwError(sequence.hardwareError());
    return result;
  }

  /** Takes over what {@link TdxVmInit} made. */
  void initialized(
      TdxTd newTd, int width, long attributes, EptTables shared, long offset, long multiplier) {
    gpaBits = width;
    attributeBits = attributes;
    tscOffset = offset;
    tscMultiplier = multiplier;
    privateMemory = new TdxMemory(this, newTd, shared, 1L << width - 1);
    td = newTd;
    state = State.INITIALIZED;
  }

  private int finalizeVm(KvmTdxCmd cmd) {
    if (state != State.INITIALIZED) {
      return -EINVAL;
    }
    slotsLock.lock();
    try {
      TdxStatus status = host().cpus().onAny(lp -> tdx.mng().finalizeMeasurement(lp, td()));
      cmd.hwError(status.raw());
      if (status.isBusy()) {
        return -EBUSY;
      }
      if (!status.isSuccess()) {
        bug(Leaf.MR_FINALIZE.abiName() + " failed: " + status);
        return -EIO;
      }
      state = State.RUNNABLE;
      return 0;
    } finally {
      slotsLock.unlock();
    }
  }

  // ---- Vm ----

  @Override
  int maxVcpus() {
    int limit = Math.min(MAX_VCPUS, host().cpus().count());
    return Math.min(limit, tdx.info().maxVcpusPerTd());
  }

  @Override
  @Nullable Vcpu newVcpu(int id, int[] error) {
    if (state != State.INITIALIZED) {
      error[0] = -EIO;
      return null;
    }
    if (!splitIrqchip()) {
      error[0] = -EINVAL;
      return null;
    }
    Optional<Hpa> frame = platform().memory().frames().allocate();
    if (frame.isEmpty()) {
      error[0] = -ENOMEM;
      return null;
    }
    return new TdxVcpu(this, id, frame.get());
  }

  @Override
  int slotFlags() {
    return KvmUserspaceMemoryRegion2.GUEST_MEMFD;
  }

  @Override
  long gfnLimit() {
    return gpaBits == 0 ? 1L << 40 : sharedBit() >>> 12;
  }

  @Override
  boolean hasPrivateMemory() {
    return true;
  }

  @Override
  void zapShared(long fromGfn, long toGfn) {
    TdxMemory memory = privateMemory;
    if (memory != null) {
      memory.zapShared(fromGfn, toGfn);
    }
  }

  @Override
  void zapPrivate(long fromGfn, long toGfn) {
    TdxMemory memory = privateMemory;
    if (memory == null) {
      return;
    }
    LogicalProcessor lp = host().cpus().acquireAny();
    try {
      memory.zapPrivate(lp, fromGfn, toGfn);
    } finally {
      host().cpus().release(lp);
    }
  }

  @Override
  void destroy() {
    new TdxTeardown(this).run();
  }

  /** The TD is gone. */
  void forget() {
    td = null;
    privateMemory = null;
    state = State.UNINITIALIZED;
  }

  /** Whether there is a TD to tear down. */
  boolean hasTd() {
    return td != null;
  }
}
