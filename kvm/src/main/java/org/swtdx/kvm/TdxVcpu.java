package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EBUSY;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOMEM;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.memory.FrameAllocator;
import org.swtdx.memory.Hpa;
import org.swtdx.seamcall.Leaf;
import org.swtdx.seamcall.SeptLevel;
import org.swtdx.seamcall.TdcxPage;
import org.swtdx.seamcall.TdhVp;
import org.swtdx.seamcall.TdvprPage;
import org.swtdx.seamcall.TdxPage;
import org.swtdx.seamcall.TdxStatus;
import org.swtdx.seamcall.TdxVp;
import org.swtdx.seamcall.VpEnterArgs;

/** A TD's vCPU. */
final class TdxVcpu extends Vcpu {
  private static final long NOTIFICATION_VECTOR = 0x0024_0001_0000_0002L;
  private static final long DESCRIPTOR_ADDRESS = 0x0024_0003_0000_2016L;
  private static final long SHARED_EPT_POINTER = 0x0024_0003_0000_203CL;
  private static final long PIN_CONTROLS = 0x0024_0002_0000_4000L;
  private static final long PIN_POSTED_INTERRUPTS = 1 << 7;
  private static final long PEND_NMI = 0x2020_0000_0000_000BL;
  private static final long STATE_DETAILS = 0x9120_0003_0000_0100L;
  private static final long STATE_DETAILS_INTERRUPT = 1;

  private final TdxVm vm;
  private final TdhVp leaves;
  private final VpEnterArgs args = new VpEnterArgs();
  private final TdExits exits;
  private final TdGuestDebug debug = new TdGuestDebug(this);
  private final List<TdxPage> given = new ArrayList<>();
  private @Nullable TdxVp vp;
  private volatile @Nullable LogicalProcessor associatedWith;
  private boolean sharedEptLoaded;
  private boolean haltBlocksInterrupts;

  TdxVcpu(TdxVm vm, int id, Hpa postedFrame) {
    this.vm = vm;
    super(vm, id, postedFrame);
    leaves = vm.tdx().vp();
    exits = new TdExits(this);
  }

  @Override
  TdxVm vm() {
    return vm;
  }

  VpEnterArgs args() {
    return args;
  }

  /** The pages that the module holds for this vCPU; each was given by a call that succeeded. */
  List<TdxPage> pagesGiven() {
    return given;
  }

  /** The processor that may hold state of the vCPU, on whose list it is. */
  @Nullable LogicalProcessor associatedWith() {
    return associatedWith;
  }

  /** Sets {@link #associatedWith}; {@link TdxAssociations} does. */
  void associateWith(@Nullable LogicalProcessor lp) {
    associatedWith = lp;
  }

  @Override
  void loaded(LogicalProcessor now) {
    vm.host().associations().load(this, now);
  }

  /** Whether registers can be read and written. */
  boolean debuggable() {
    return vm.debuggable() && vp != null && !vm.dead();
  }

  TdGuestDebug debug() {
    return debug;
  }

  TdxVp vp() {
    return Objects.requireNonNull(vp);
  }

  boolean initialized() {
    return vp != null;
  }

  @Override
  boolean x2Apic() {
    return true;
  }

  @Override
  boolean isSameCpuid(GuestCpuid wanted) {
    return GuestCpuid.areSame(wanted.entries(), cpuid().entries());
  }

  @Override
  long guestTsc() {
    return vm.guestTsc(vm.platform().environment().tsc());
  }

  @Override
  long tscOffset() {
    return vm.tscOffset();
  }

  @Override
  void tscOffset(long offset) {
    // The module sets it.
  }

  @Override
  void requestInit() {
    // A TD's vCPUs start by the TDVF's own protocol: INIT does not reach them.
  }

  @Override
  void requestStartup(int vector) {
    // Neither does SIPI.
  }

  @Override
  boolean readMsr(int msr, KvmMsrs target, int at) {
    if (debuggable() && TdCpuState.hasMsr(msr)) {
      return TdDebugState.on(
              this,
              state -> {
                target.data(at, state.msr(msr));
                return 0;
              })
          == 0;
    }
    TdMsrs msrs = exits.msrs();
    if (!msrs.read(msr)) {
      return false;
    }
    target.data(at, msrs.value());
    return true;
  }

  @Override
  boolean writeMsr(int msr, long value) {
    if (debuggable() && TdCpuState.hasMsr(msr)) {
      return TdDebugState.on(this, state -> state.setMsr(msr, value) ? 0 : -EINVAL) == 0;
    }
    return exits.msrs().write(msr, value, true);
  }

  @Override
  void setUpMachineChecks(long capability) {
    exits.msrs().setUpMachineChecks(capability);
  }

  // ---- KVM_TDX_INIT_VCPU ----

  int init(int flags, long initialRcx) {
    if (flags != 0 || vp != null || !cpuid().leaf1Ecx(21)) {
      return -EINVAL;
    }
    FrameAllocator frames = vm.frames();
    List<Hpa> pages = new ArrayList<>();
    int needed = vm.tdx().info().tdvpsPages();
    for (int i = 0; i < needed; i++) {
      frames.allocate().ifPresent(pages::add);
    }
    if (pages.size() < needed) {
      pages.forEach(frames::free);
      return -ENOMEM;
    }
    List<TdcxPage> tdcx = new ArrayList<>();
    pages.subList(1, needed).forEach(page -> tdcx.add(new TdcxPage(page)));
    TdxVp made = new TdxVp(new TdvprPage(pages.getFirst()), List.copyOf(tdcx));
    load();
    try {
      int result = vm.dead() ? -EIO : create(lp(), made, initialRcx);
      if (result != 0) {
        pages.subList(given.size(), needed).forEach(frames::free);
        return result;
      }
    } finally {
      put();
    }
    vp = made;
    mpState(KvmMpState.RUNNABLE);
    return 0;
  }

  private int create(LogicalProcessor lp, TdxVp made, long initialRcx) {
    TdxStatus status = leaves.create(lp, vm.td(), made);
    if (!status.isSuccess()) {
      return failed(TdhVp.CREATE, status);
    }
    given.add(made.tdvpr());
    for (TdcxPage page : made.tdcx()) {
      status = leaves.addcx(lp, made, page);
      if (!status.isSuccess()) {
        return failed(TdhVp.ADDCX, status);
      }
      given.add(page);
    }
    status = leaves.init(lp, made, initialRcx, id());
    if (!status.isSuccess()) {
      return failed(TdhVp.INIT, status);
    }
    vp = made;
    boolean written =
        write(lp, NOTIFICATION_VECTOR, PostedInterrupts.NOTIFICATION_VECTOR, 0xffff)
            && write(lp, DESCRIPTOR_ADDRESS, posted().address().value(), -1)
            && write(lp, PIN_CONTROLS, PIN_POSTED_INTERRUPTS, PIN_POSTED_INTERRUPTS);
    return written ? 0 : -EIO;
  }

  private int failed(Leaf leaf, TdxStatus status) {
    vm.bug(leaf.abiName() + " failed: " + status);
    return -EIO;
  }

  private boolean write(LogicalProcessor lp, long field, long value, long mask) {
    TdxStatus status = leaves.write(lp, vp(), field, value, mask).status();
    if (!status.isSuccess()) {
      failed(TdhVp.WR, status);
      return false;
    }
    return true;
  }

  // ---- KVM_RUN ----

  @Override
  int prepareRun() {
    return vp == null || !vm.runnable() ? -EINVAL : 0;
  }

  @Override
  int completeUserSpace() {
    return exits.completeUserSpace();
  }

  @Override
  int enter() {
    LogicalProcessor lp = lp();
    if (!sharedEptLoaded) {
      long root = vm.privateMemory().shared().root().value();
      if (!write(lp, SHARED_EPT_POINTER, root, 0xf_ffff_ffff_f000L)) {
        return -EIO;
      }
      sharedEptLoaded = true;
    }
    if (takeNmiRequest() && !write(lp, PEND_NMI, 1, 0xff)) {
      return -EIO;
    }
    lp.maskInterrupts();
    aboutToEnter();
    try {
      if (signalPending() || nmiRequested() || vm.entriesHeldOff() || vm.dead()) {
        return CONTINUE;
      }
      if (posted().outstanding()) {
        lp.sendInterrupt(PostedInterrupts.NOTIFICATION_VECTOR);
      }
      debug.enter();
      leaves.enter(lp, vp(), args);
    } finally {
      leftGuest();
      lp.unmaskInterrupts();
    }
    debug.left();
    int result = exits.handle();
    return result == CONTINUE && exits.byCall() ? debug.called() : result;
  }

  /** The guest executed HLT; {@code blocksInterrupts} if with interrupts disabled. */
  void halt(boolean blocksInterrupts) {
    haltBlocksInterrupts = blocksInterrupts;
    mpState(KvmMpState.HALTED);
  }

  @Override
  boolean blockedEventPending() {
    if (eventPending()) {
      return true;
    }
    // What became pending in the virtual APIC after the guest's last instruction boundary.
    return mpState() == KvmMpState.HALTED
        && !haltBlocksInterrupts
        && (leaves.read(lp(), vp(), STATE_DETAILS).value() & STATE_DETAILS_INTERRUPT) != 0;
  }

  /** Whether an event waits for the guest, as far as KVM can know. */
  boolean hasEvents() {
    return posted().pending() || nmiRequested();
  }

  // ---- memory faults ----

  /**
   * Handles a fault on a private address; CONTINUE, or an error.
   *
   * @param most largest page that the guest takes there
   */
  int faultPrivate(long gpa, SeptLevel most) {
    long gfn = gpa >>> 12;
    if (!vm.attributes.isPrivate(gfn)) {
      return memoryFault(gfn, true);
    }
    while (true) {
      MemSlots slots = vm.slots();
      MemSlot slot = slots.find(gfn);
      if (slot == null || slot.file() == null) {
        return memoryFault(gfn, true);
      }
      int result = vm.privateMemory().faultPrivate(lp(), slots, slot, gfn, most);
      if (result != -EBUSY) {
        return result;
      }
      if (signalPending() || hasEvents() || vm.dead()) {
        return CONTINUE;
      }
      Thread.onSpinWait();
    }
  }

  /** Handles a fault on a shared address, SHARED bit stripped; CONTINUE, or an error. */
  int faultShared(long gpa, boolean write) {
    long gfn = gpa >>> 12;
    if (vm.attributes.isPrivate(gfn)) {
      return memoryFault(gfn, false);
    }
    return vm.privateMemory().faultShared(this, vm.slots(), gfn, write);
  }

  private int memoryFault(long gfn, boolean priv) {
    run.exitReason(KvmExit.MEMORY_FAULT)
        .memoryFaultFlags(priv ? KvmExit.MEMORY_FAULT_PRIVATE : 0)
        .memoryFaultGpa(gfn << 12)
        .memoryFaultSize(Hpa.PAGE_SIZE);
    return -EFAULT;
  }

  // ---- KVM_TDX_INIT_MEM_REGION, KVM_PRE_FAULT_MEMORY ----

  /** Adds one initial page; 0 or an error. The caller holds the slots lock and a processor. */
  int addInitial(LogicalProcessor on, long gfn, long uaddr, boolean measure) {
    MemSlot slot = vm.slots().find(gfn);
    if (slot == null || slot.file() == null) {
      return -EINVAL;
    }
    if (!vm.attributes.isPrivate(gfn)) {
      return -EINVAL;
    }
    long frame = slot.file().frames().take(slot.filePageOf(gfn));
    if (frame == FrameTable.NONE) {
      return -ENOMEM;
    }
    long source = vm.memory().pinned(uaddr);
    return source == FrameTable.NONE
        ? addCopy(on, gfn, frame, uaddr, measure)
        : vm.privateMemory().addInitial(on, gfn, frame, source, measure);
  }

  /** Adds a page whose source can be read but has no frame that the module could rely on. */
  private int addCopy(LogicalProcessor on, long gfn, long frame, long uaddr, boolean measure) {
    byte[] page = new byte[Hpa.PAGE_SIZE];
    if (!vm.memory().read(uaddr, page, 0, page.length)) {
      return -EFAULT;
    }
    FrameAllocator frames = vm.frames();
    Optional<Hpa> copy = frames.allocate();
    if (copy.isEmpty()) {
      return -ENOMEM;
    }
    try {
      vm.platform().memory().host().write(copy.get(), page, 0, page.length);
      return vm.privateMemory().addInitial(on, gfn, frame, copy.get().value(), measure);
    } finally {
      frames.free(copy.get());
    }
  }
}
