package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EAGAIN;
import static org.swtdx.kvm.uapi.Errno.EINTR;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.memory.Hpa;

/**
 * A vCPU, common part: the kvm_run area, the run loop with its blocking and kicking, pending
 * requests, the local APIC.
 */
abstract sealed class Vcpu permits TdxVcpu, VmxVcpu {
  /** Results of a step of the run loop: go on, or leave to user space with an exit. */
  static final int CONTINUE = 1, TO_USER = 0;

  final ReentrantLock mutex = new ReentrantLock();
  final KvmRun run;

  final Stats stats = new Stats(false);

  private final Vm vm;
  private final CoalescedRing coalescedRing;
  private final @Nullable DirtyRing dirtyRing;
  private final int id;
  private volatile LogicalProcessor lp;
  private final PostedInterrupts posted;
  private final Lapic lapic;
  private final @Nullable LongAdder[] exitCounters = new LongAdder[KvmExit.TDX + 1];
  final Signals signals = new Signals();
  private final AtomicBoolean nmiRequest = new AtomicBoolean();
  private volatile boolean inGuest;
  private volatile int entries;
  private volatile @Nullable Thread waiter;
  private volatile int mpState;
  private volatile GuestCpuid cpuid = GuestCpuid.EMPTY;

  Vcpu(Vm vm, int id, Hpa postedFrame) {
    this.vm = vm;
    this.id = id;
    int ringBytes = vm.options.dirtyRingBytes;
    int fileBytes = ringBytes == 0 ? KvmRun.SIZE : DirtyRing.FILE_OFFSET + ringBytes;
    MemorySegment pages = vm.process().sharedPages(fileBytes);
    run = new KvmRun(vm.process().runArea(pages));
    coalescedRing = new CoalescedRing(pages);
    dirtyRing =
        ringBytes == 0 ? null : new DirtyRing(pages.asSlice(DirtyRing.FILE_OFFSET, ringBytes));
    lp = vm.host().cpus().assign();
    posted = new PostedInterrupts(vm.platform().memory().host(), postedFrame);
    lapic = new Lapic(this, vm.host().timers());
    boolean starts = !vm.hasIrqchip() || vm.isBootCpu(id);
    mpState = starts ? KvmMpState.RUNNABLE : KvmMpState.UNINITIALIZED;
  }

  final int id() {
    return id;
  }

  Vm vm() {
    return vm;
  }

  /** The ring of collected writes that this vCPU's file maps. */
  final CoalescedRing coalescedRing() {
    return coalescedRing;
  }

  /** The ring of pages written, if there is one. */
  final @Nullable DirtyRing dirtyRing() {
    return dirtyRing;
  }

  final Lapic lapic() {
    return lapic;
  }

  final PostedInterrupts posted() {
    return posted;
  }

  /** The processor it runs on, or ran on last. */
  final LogicalProcessor lp() {
    return lp;
  }

  /**
   * Makes this thread a processor and moves the vCPU there. It stays on the one it was on if nobody
   * uses that. {@link #put} gives the processor back.
   */
  final void load() {
    LogicalProcessor now = vm.host().cpus().acquire(lp);
    lp = now;
    loaded(now);
  }

  /** What else it takes to work on the vCPU on {@code now}. */
  void loaded(LogicalProcessor now) {}

  /** Gives the processor back. */
  final void put() {
    vm.host().cpus().release(lp);
  }

  final GuestCpuid cpuid() {
    return cpuid;
  }

  final void cpuid(GuestCpuid value) {
    cpuid = value;
  }

  /** KVM_SET_CPUID2: takes the list over, or refuses it. */
  final int acceptCpuid(KvmCpuid2 list) {
    int sizes = list.find(0x8000_0008, 0);
    int linearBits = sizes < 0 ? 0 : list.eax(sizes) >>> 8 & 0xff;
    if (linearBits != 0 && linearBits != 48 && linearBits != 57) {
      return -EINVAL;
    }
    GuestCpuid wanted = GuestCpuid.copyOf(list);
    if (entries != 0 && !isSameCpuid(wanted)) {
      return -EINVAL;
    }
    cpuid(wanted);
    return 0;
  }

  /** Whether a list is what the vCPU has already: it has run, and software may rely on it. */
  abstract boolean isSameCpuid(GuestCpuid wanted);

  final int mpState() {
    return mpState;
  }

  final void mpState(int state) {
    mpState = state;
    wake();
  }

  /** Whether the local APIC is in x2APIC mode. */
  abstract boolean x2Apic();

  /** The TSC as the guest reads it now. */
  abstract long guestTsc();

  /** TSC frequency of the guest. */
  int tscKhz() {
    return vm.options.tscKhz;
  }

  /** What is added to the scaled TSC of the host. */
  abstract long tscOffset();

  /** Sets {@link #tscOffset()}; has no effect on a TD. */
  abstract void tscOffset(long offset);

  /** The value of an MSR as user space sees it; 0 if there is none. */
  final long msr(int msr) {
    KvmMsrs one = new KvmMsrs(1);
    return readMsr(msr, one, 0) ? one.data(0) : 0;
  }

  /** Reads an MSR into entry {@code at} of {@code target}; false when user space cannot. */
  abstract boolean readMsr(int msr, KvmMsrs target, int at);

  /** Writes an MSR for user space; false when it cannot. */
  abstract boolean writeMsr(int msr, long value);

  /** KVM_X86_SETUP_MCE with a capability that can be had. */
  abstract void setUpMachineChecks(long capability);

  // ---- events from other threads ----

  /** Posts an interrupt and sees to it that the guest notices. */
  final void postInterrupt(int vector) {
    if (posted.post(vector)) {
      if (inGuest) {
        lp.sendInterrupt(PostedInterrupts.NOTIFICATION_VECTOR);
      } else {
        wake();
      }
    }
  }

  /** Makes an NMI pending; several collapse into one. */
  final void requestNmi() {
    nmiRequest.set(true);
    kickOut();
  }

  /** Sets or withdraws a pending NMI. */
  final void nmiRequest(boolean pending) {
    if (pending) {
      requestNmi();
    } else {
      nmiRequest.set(false);
    }
  }

  final boolean nmiRequested() {
    return nmiRequest.get();
  }

  final boolean takeNmiRequest() {
    return nmiRequest.get() && nmiRequest.getAndSet(false);
  }

  /** The VM's clock, or the TSC, was set. */
  void clockChanged() {}

  /** KVM_KVMCLOCK_CTRL: the guest was stopped; false when it has no paravirtual clock to see it. */
  boolean guestWasStopped() {
    return false;
  }

  /** An INIT arrived. */
  abstract void requestInit();

  /** A start-up IPI arrived. */
  abstract void requestStartup(int vector);

  /** A signal for the thread in {@link #run}: 1 to 64. */
  final void raiseSignal(int signal) {
    signals.raise(signal);
    if (signals.arrived()) {
      kickOut();
    }
  }

  final boolean signalPending() {
    return signals.arrived();
  }

  /** Makes the vCPU leave the guest, or wakes it if it is blocked. */
  final void kickOut() {
    if (inGuest) {
      lp.kick();
    }
    wake();
  }

  /** Whether a thread waits in KVM_RUN for something to happen. */
  final boolean isBlocked() {
    return waiter != null;
  }

  private void wake() {
    Thread thread = waiter;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Counts entries; see {@link #awaitOutside}. */
  final int entries() {
    return entries;
  }

  /** Waits until the vCPU left the entry that {@code entry} counted; it was kicked before. */
  final void awaitOutside(int entry) {
    for (int spins = 0; inGuest && entries == entry; spins++) {
      if (spins < 100) {
        Thread.onSpinWait();
      } else {
        lp.kick();
        LockSupport.parkNanos(20_000);
      }
    }
  }

  /** Marks the way into the guest: from here on a kick ends the entry. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // written by the vCPU's own thread only
  final void aboutToEnter() {
    entries++;
    inGuest = true;
  }

  /** Marks the way out of the guest. */
  final void leftGuest() {
    inGuest = false;
  }

  // ---- KVM_RUN ----

  /** KVM_RUN. */
  final int run() {
    mutex.lock();
    try {
      run.flags(0);
      int result = runLocked();
      SyncRegs.after(this);
      saveRunState();
      if (result == TO_USER) {
        if (run.exitReason() == KvmExit.MMIO) {
          stats.count(Stat.MMIO_EXITS);
        }
        countExit(run.exitReason());
      }
      return result;
    } finally {
      mutex.unlock();
    }
  }

  /** User space may have changed the reason already. */
  private void countExit(int reason) {
    if (reason < 0 || reason >= exitCounters.length) {
      return;
    }
    LongAdder counter = exitCounters[reason];
    if (counter == null) {
      counter = vm.platform().events().counter(PlatformEvents.Kind.KVM_EXIT, KvmExit.name(reason));
      exitCounters[reason] = counter;
    }
    counter.increment();
  }

  private int runLocked() {
    boolean immediate = run.immediateExit() != 0;
    if (mpState == KvmMpState.UNINITIALIZED) {
      return immediate ? -EINTR : awaitStartup();
    }
    int result = SyncRegs.before(this);
    if (result < 0) {
      return result;
    }
    result = completeUserSpace();
    if (result != CONTINUE) {
      return result;
    }
    if (immediate) {
      return -EINTR;
    }
    result = prepareRun();
    if (result != 0) {
      return result;
    }
    load();
    try {
      return loop(vm.host().cpus());
    } finally {
      put();
    }
  }

  private int loop(HostCpus cpus) {
    while (true) {
      if (vm.dead()) {
        return -EIO;
      }
      if (signals.deliver()) {
        return interrupted();
      }
      if (mpState != KvmMpState.RUNNABLE && !block()) {
        continue;
      }
      cpus.serve(lp);
      if (cpus.contended(lp)) {
        put();
        Thread.onSpinWait();
        load();
        continue;
      }
      DirtyRing ring = dirtyRing;
      if (ring != null && ring.full()) {
        run.exitReason(KvmExit.DIRTY_RING_FULL);
        return TO_USER;
      }
      int result = enter();
      if (result != CONTINUE) {
        return result;
      }
    }
  }

  private int interrupted() {
    stats.count(Stat.SIGNAL_EXITS);
    run.exitReason(KvmExit.INTR);
    return -EINTR;
  }

  /** An application processor waits for INIT; the caller runs it again after that. */
  private int awaitStartup() {
    load();
    try {
      block();
    } finally {
      put();
    }
    return signals.deliver() ? interrupted() : -EAGAIN;
  }

  /** Waits for a wake-up event; returns true when the vCPU is runnable again. */
  private boolean block() {
    boolean wakeable = blockedEventPending();
    if (!wakeable) {
      put();
      waiter = Thread.currentThread();
      try {
        wakeable = eventPending();
        while (!wakeable && !signals.arrived() && !vm.dead()) {
          LockSupport.park(this);
          wakeable = eventPending();
        }
      } finally {
        waiter = null;
        load();
      }
    }
    if (wakeable) {
      wakeUp();
    }
    return mpState == KvmMpState.RUNNABLE;
  }

  /** Whether something that was already there keeps a halted vCPU from blocking. */
  boolean blockedEventPending() {
    return eventPending();
  }

  /** Whether something woke the vCPU; called without the processor. */
  boolean eventPending() {
    return mpState == KvmMpState.RUNNABLE || isHalted() && (nmiRequest.get() || haltEnds());
  }

  /** Whether the vCPU waits for an interrupt; a hold after reset is the same to us. */
  private boolean isHalted() {
    return mpState == KvmMpState.HALTED || mpState == KvmMpState.AP_RESET_HOLD;
  }

  /** Whether an interrupt ends the halt; called on the vCPU's thread. */
  boolean haltEnds() {
    return posted.pending();
  }

  /** Writes back what kvm_run says of the vCPU whenever KVM_RUN returns. */
  void saveRunState() {}

  /** The vCPU leaves a blocked state. */
  void wakeUp() {
    if (isHalted()) {
      mpState = KvmMpState.RUNNABLE;
    }
  }

  /** Finishes what the last exit left to user space: CONTINUE or an error. */
  abstract int completeUserSpace();

  /** Checks that the vCPU can run: 0 or an error. */
  abstract int prepareRun();

  /** One entry and the handling of its exit; the caller holds the processor. */
  abstract int enter();

  /** Frees what the vCPU holds; its VM is being destroyed. */
  void free() {
    vm.frames().free(posted.address());
    vm.host().heap().giveBack(HeapRoom.VCPU);
  }
}
