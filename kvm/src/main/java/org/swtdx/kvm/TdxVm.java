package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.TdxPlatform;
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
  private volatile Retirement retirement = Retirement.NOT_YET;
  private int gpaBits;
  private long tscOffset;
  private long tscMultiplier;
  private long attributeBits;

  TdxVm(KvmHost host, UserProcess process, TdxPlatform tdx) {
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

  /** Whether user space may look into the TD: ATTRIBUTES.DEBUG, which needs an extension. */
  boolean debuggable() {
    return state != State.UNINITIALIZED && (attributeBits & TdxLimits.DEBUG) != 0;
  }

  /** TSC_OFFSET of the TD. */
  long tscOffset() {
    return tscOffset;
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

  /** Takes the VM's lock, all vCPU mutexes and the slots lock: the state of the TD stands still. */
  void lockState() {
    lock.lock();
    for (Vcpu vcpu : vcpus()) {
      vcpu.mutex.lock();
    }
    slotsLock.lock();
  }

  /** Undoes {@link #lockState}; the list of vCPUs did not change meanwhile. */
  void unlockState() {
    slotsLock.unlock();
    for (Vcpu vcpu : vcpus()) {
      vcpu.mutex.unlock();
    }
    lock.unlock();
  }

  /** As {@link #lockState}, unless a thread is in an ioctl of a vCPU. */
  boolean tryLockState() {
    lock.lock();
    Vcpu[] all = vcpus();
    for (int i = 0; i < all.length; i++) {
      if (!all[i].mutex.tryLock()) {
        while (--i >= 0) {
          all[i].mutex.unlock();
        }
        lock.unlock();
        return false;
      }
    }
    slotsLock.lock();
    return true;
  }

  /**
   * Retires the TD's KeyID while files are open, so that its pages can be reclaimed one SEAMCALL
   * each. Nothing can be done with the VM from here on. The caller holds the state locked.
   *
   * @return false when the KeyID could not be retired: the pages stay lost
   */
  boolean terminate() {
    end();
    retirement = hasTd() ? new TdxTeardown(this).retire() : Retirement.NOT_YET;
    return retirement != Retirement.FAILED;
  }

  /** How far the KeyID of the TD is from being free. */
  enum Retirement {
    /** The TD has it. */
    NOT_YET,
    /** It is free; the TD's pages can be reclaimed. */
    DONE,
    /** The module refused: it is never used again, nor are the TD's pages. */
    FAILED
  }

  Retirement retirement() {
    return retirement;
  }

  /** The TD's measurement is complete: it can run. */
  void finalized() {
    state = State.RUNNABLE;
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

  // ---- Vm ----

  @Override
  boolean hasProtectedEndOfInterrupt() {
    return true;
  }

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
    Optional<Hpa> frame = frames().allocate();
    if (frame.isEmpty()) {
      error[0] = -ENOMEM;
      return null;
    }
    return new TdxVcpu(this, id, frame.get());
  }

  @Override
  boolean hasReadOnlySlots() {
    return false;
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
      if (retirement != Retirement.DONE) {
        memory.zapPrivate(lp, fromGfn, toGfn);
      } else if (!new TdxTeardown(this).reclaimRange(lp, memory, fromGfn, toGfn)) {
        retirement = Retirement.FAILED;
      }
    } finally {
      host().cpus().release(lp);
    }
  }

  @Override
  void destroy() {
    new TdxTeardown(this).run();
  }

  @Override
  boolean hasLargePages() {
    return host().has(KvmExtension.LARGE_PRIVATE_PAGES);
  }

  @Override
  int splitPrivate(long fromGfn, long toGfn) {
    TdxMemory memory = privateMemory;
    if (memory == null || !hasLargePages() || dead()) {
      return 0;
    }
    LogicalProcessor lp = host().cpus().acquireAny();
    try {
      return memory.splitPrivate(lp, fromGfn, toGfn);
    } finally {
      host().cpus().release(lp);
    }
  }

  @Override
  boolean takenBack() {
    return retirement == Retirement.DONE || !dead();
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
