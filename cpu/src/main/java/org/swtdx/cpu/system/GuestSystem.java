package org.swtdx.cpu.system;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.EptFault;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.GuestPhysicalMap;
import org.swtdx.cpu.MmioBus;
import org.swtdx.cpu.Platform;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.VeInformation;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.VmExit;
import org.swtdx.cpu.core.Core;
import org.swtdx.cpu.core.Flags;
import org.swtdx.cpu.core.GuestFault;
import org.swtdx.cpu.core.Insn;
import org.swtdx.cpu.exec.ExecutionTier;
import org.swtdx.cpu.mmu.MemoryFaults;
import org.swtdx.cpu.mmu.Mmu;

/**
 * One guest processor: joins the core, its memory and its system state, and runs it from VM entry
 * to VM exit. What other threads may call says so.
 */
public final class GuestSystem implements MemoryFaults {
  /** {@link Core#faultVector} of a VM exit whose information is complete. */
  static final int EXIT = -2;

  /** {@link Core#faultVector} of an event raised by a completed instruction (INT n, INT3, …). */
  static final int SOFTWARE_EVENT = -3;

  /** {@link Core#faultVector} of an emulated instruction that waits for a device. */
  static final int DEVICE_PENDING = -4;

  /** {@link #interruptibility} bits. */
  static final int BLOCKED_BY_STI = 1, BLOCKED_BY_MOV_SS = 2, BLOCKED_BY_NMI = 8;

  /** Activity states. */
  static final int ACTIVE = 0, HLT = 1, SHUTDOWN = 2, WAIT_FOR_SIPI = 3;

  private static final int REQUEST_FLUSH = 1, REQUEST_NMI = 2, REQUEST_INTERRUPT = 4;
  private static final int OUTSIDE = 0, IN_GUEST = 1, IN_MAP = 2;

  final Platform platform;
  final Core core;
  final Mmu mmu;
  final VmControls controls = new VmControls();
  final VmExit exit = new VmExit();
  final VeInformation veInformation = new VeInformation();
  final VirtualApicPage apic;
  final Msrs msrs;
  final Descriptors descriptors;
  final FarTransfers farTransfers;
  final FarReturns farReturns;
  final PortIo portIo;
  final Events events;
  final ControlRegisters controlRegisters;
  final Debugging debugging;
  final TaskSwitches tasks;
  final SpinWait spinWait = new SpinWait();
  final InterruptRedirection redirection;
  private final SecondLevelFaults violations;
  private final ExecutionTier tier;
  private final AtomicInteger requests = new AtomicInteger();
  private final HostInterrupts interrupts = new HostInterrupts();
  private final AtomicInteger place = new AtomicInteger(OUTSIDE);
  private volatile @Nullable Thread runner;

  /** Interruptibility state in VMCS format. */
  int interruptibility;

  /** Activity state. */
  int activity;

  /** Whether the instruction just executed began the STI or MOV-SS blocking itself. */
  boolean blockingBegan;

  private boolean nmiPending;
  private long pageFaultAddress;

  /**
   * Creates a processor.
   *
   * @param platform the machine
   * @param map second-level translation
   * @param tier what executes instructions
   */
  public GuestSystem(Platform platform, GuestPhysicalMap map, ExecutionTier tier) {
    this.platform = platform;
    this.tier = tier;
    mmu = new Mmu(platform.memory(), map, controls, this, this::requestLook);
    core = new Core(mmu, platform.environment());
    apic = new VirtualApicPage(platform.memory().host(), controls);
    msrs = new Msrs(this);
    descriptors = new Descriptors(this);
    farTransfers = new FarTransfers(this);
    farReturns = new FarReturns(this);
    portIo = new PortIo(this);
    events = new Events(this);
    controlRegisters = new ControlRegisters(this);
    debugging = new Debugging(this);
    tasks = new TaskSwitches(this);
    redirection = new InterruptRedirection(this);
    violations = new SecondLevelFaults(this);
  }

  /** The processor that {@code core} belongs to. */
  static GuestSystem of(Core core) {
    return (GuestSystem) ((Mmu) core.memory).faults();
  }

  /** Its core. */
  public Core core() {
    return core;
  }

  /** Its controls. */
  public VmControls controls() {
    return controls;
  }

  /** Its exit information. */
  public VmExit exit() {
    return exit;
  }

  /** Its #VE information area. */
  public VeInformation veInformation() {
    return veInformation;
  }

  /** Its virtual APIC. */
  public VirtualApicPage apic() {
    return apic;
  }

  /** Its pending and injected events. */
  public Events events() {
    return events;
  }

  /** Its model-specific registers. */
  public Msrs msrs() {
    return msrs;
  }

  /** Detaches from memory. */
  public void close() {
    mmu.close();
    tier.clear();
  }

  // Requests of other threads.

  private void request(int bit) {
    requests.getAndUpdate(bits -> bits | bit);
    requestLook();
  }

  private void requestLook() {
    if (core != null) {
      core.requestAttention();
    }
    Thread thread = runner;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** An interrupt for the host, or the posted-interrupt notification, arrived. Any thread. */
  public void hostInterrupt(int vector) {
    interrupts.post(vector);
    request(REQUEST_INTERRUPT);
  }

  /** Makes an NMI pending. Any thread. */
  public void requestNmi() {
    request(REQUEST_NMI);
  }

  /**
   * Drops all cached translations; when it returns, no access of the guest uses one that existed at
   * the call. Any thread.
   */
  @SuppressWarnings("ThreadPriorityCheck") // the guest's thread may need this CPU to get there
  public void flushTranslations() {
    request(REQUEST_FLUSH);
    if (Thread.currentThread() == runner) {
      return;
    }
    while (place.get() == IN_GUEST && (requests.get() & REQUEST_FLUSH) != 0) {
      Thread.yield();
    }
  }

  @Override
  public void enterMap() {
    place.set(place.get() == OUTSIDE ? OUTSIDE : IN_MAP);
  }

  @Override
  public boolean leaveMap() {
    if (place.get() == IN_MAP) {
      place.set(IN_GUEST);
    }
    return flushRequested();
  }

  private boolean flushRequested() {
    if ((requests.get() & REQUEST_FLUSH) == 0) {
      return false;
    }
    core.flushTlb();
    requests.getAndUpdate(bits -> bits & ~REQUEST_FLUSH);
    return true;
  }

  // Running.

  /** Runs from VM entry to VM exit on the calling thread. */
  public void run() {
    exit.clear();
    runner = Thread.currentThread();
    place.set(IN_GUEST);
    core.attention = true;
    core.noticeForeignCode();
    try {
      flushRequested();
      mmu.applyInvalidations(core);
      if (!enter()) {
        execute();
      }
    } finally {
      place.set(OUTSIDE);
      runner = null;
    }
  }

  /** Executes one instruction with its device accesses going to {@code bus}. */
  public Emulation emulate(MmioBus bus) {
    mmu.setDevices(bus);
    try {
      return forHypervisor(this::emulateOne);
    } finally {
      mmu.setDevices(null);
    }
  }

  private Emulation emulateOne() {
    long control = core.flags.control;
    if (executeOne()) {
      return Emulation.EXITED;
    }
    if (core.faultVector == DEVICE_PENDING) {
      core.faultVector = -1;
      core.flags.control = control;
      return Emulation.PENDING;
    }
    return Emulation.COMPLETED;
  }

  /** Carries out a task switch for the hypervisor. */
  public Emulation switchTask(TaskSwitch task) {
    return forHypervisor(() -> tasks.perform(task));
  }

  /** Writes memory for the hypervisor as the guest would. */
  public Emulation store(long linear, byte[] bytes) {
    return forHypervisor(
        () -> {
          core.faultVector = -1;
          try {
            mmu.probe(core, linear, bytes.length, true);
            for (int i = 0; i < bytes.length; i++) {
              mmu.store(core, linear + i, 1, bytes[i] & 0xff);
            }
            return Emulation.COMPLETED;
          } catch (GuestFault fault) {
            return fault() ? Emulation.EXITED : Emulation.COMPLETED;
          }
        });
  }

  private Emulation forHypervisor(Supplier<Emulation> work) {
    exit.clear();
    runner = Thread.currentThread();
    place.set(IN_GUEST);
    try {
      flushRequested();
      mmu.applyInvalidations(core);
      return work.get();
    } finally {
      place.set(OUTSIDE);
      runner = null;
    }
  }

  /** The hypervisor completed the instruction that exited. */
  public void instructionSkipped() {
    debugging.skipped();
  }

  private boolean enter() {
    if (!EntryChecks.pass(this)) {
      exit.reason = ExitReason.ENTRY_FAILURE_GUEST_STATE.number();
      return true;
    }
    controlRegisters.refreshPointers();
    return events.deliverInjected();
  }

  private void execute() {
    boolean exited = false;
    while (!exited) {
      if (core.attention && attend()) {
        return;
      }
      exited = stepwise() ? executeOne() : tier.run(core) && fault();
    }
  }

  private boolean stepwise() {
    return (interruptibility & (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)) != 0
        || (core.flags.control & (Flags.TF | Flags.RF)) != 0
        || debugging.active();
  }

  private boolean executeOne() {
    blockingBegan = false;
    core.faultVector = -1;
    if (debugging.beforeInstruction()) {
      return fault();
    }
    if (tier.step(core)) {
      return fault();
    }
    if (!blockingBegan) {
      interruptibility &= ~(BLOCKED_BY_STI | BLOCKED_BY_MOV_SS);
    }
    core.attention = true;
    return debugging.afterInstruction() && events.deliverDebugTrap();
  }

  /** Acts on what the core left with; returns whether that is a VM exit. */
  private boolean fault() {
    int vector = core.faultVector;
    if (vector == EXIT) {
      exit.instructionLength = core.faultInsn.length;
      debugging.exited();
      return true;
    }
    core.attention = true;
    if (vector == DEVICE_PENDING) {
      return false;
    }
    if (vector == SOFTWARE_EVENT) {
      return events.deliverSoftware();
    }
    return events.deliverFault(vector, core.faultErrorCode);
  }

  /** Looks at everything that may have happened; returns whether it caused a VM exit. */
  private boolean attend() {
    for (; ; ) {
      core.attention = false;
      int bits = requests.get();
      flushRequested();
      mmu.applyInvalidations(core);
      if ((bits & REQUEST_INTERRUPT) != 0) {
        requests.getAndUpdate(word -> word & ~REQUEST_INTERRUPT);
        if (takeHostInterrupts()) {
          return true;
        }
      }
      if ((bits & REQUEST_NMI) != 0) {
        requests.getAndUpdate(word -> word & ~REQUEST_NMI);
        nmiPending = true;
      }
      if (activity == SHUTDOWN || activity == WAIT_FOR_SIPI) {
        park();
        continue;
      }
      if (deliverPending()) {
        return true;
      }
      if (activity != HLT) {
        return false;
      }
      park();
    }
  }

  private void park() {
    place.set(OUTSIDE);
    while (!core.attention) {
      LockSupport.park(this);
    }
    place.set(IN_GUEST);
  }

  /** Posted-interrupt notifications are processed, anything else exits, highest vector first. */
  private boolean takeHostInterrupts() {
    for (int vector = interrupts.take(); vector >= 0; vector = interrupts.take()) {
      if (controls.postedInterrupts && vector == controls.postedInterruptVector) {
        apic.syncPostedInterrupts();
        continue;
      }
      exit.reason = ExitReason.EXTERNAL_INTERRUPT.number();
      exit.interruptionInfo = 1 << 31 | vector;
      if (!interrupts.isEmpty()) {
        requests.getAndUpdate(bits -> bits | REQUEST_INTERRUPT);
      }
      return true;
    }
    return false;
  }

  /** NMIs, windows and virtual interrupts, SDM Vol. 3A table 7-2; true for a VM exit. */
  private boolean deliverPending() {
    boolean shadow = (interruptibility & (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)) != 0;
    if (!shadow && activity == ACTIVE && debugging.takePending()) {
      return events.deliverDebugTrap();
    }
    if (controls.interruptsBlocked) {
      return false;
    }
    if (!shadow && (interruptibility & BLOCKED_BY_NMI) == 0) {
      if (controls.nmiWindowExiting) {
        exit.reason = ExitReason.NMI_WINDOW.number();
        return true;
      }
      if (nmiPending) {
        nmiPending = false;
        activity = ACTIVE;
        return events.deliverNmi();
      }
    }
    if (shadow || (core.flags.control & Flags.IF) == 0) {
      return false;
    }
    if (controls.interruptWindowExiting) {
      exit.reason = ExitReason.INTERRUPT_WINDOW.number();
      return true;
    }
    if (controls.apicVirtualization && apic.interruptPending()) {
      activity = ACTIVE;
      return events.deliverInterrupt(apic.acknowledge());
    }
    return false;
  }

  // Leaving an instruction.

  /** Ends the instruction in a VM exit without qualification; does not return. */
  GuestFault exit(ExitReason reason) {
    throw exit(reason, 0);
  }

  /** Ends the instruction in a VM exit; does not return. */
  GuestFault exit(ExitReason reason, long qualification) {
    exit.reason = reason.number();
    exit.qualification = qualification;
    core.faultVector = EXIT;
    throw GuestFault.INSTANCE;
  }

  @Override
  public GuestFault pageFault(long linear, int errorCode) {
    pageFaultAddress = linear;
    throw core.raise(Core.PF, errorCode);
  }

  /** Linear address of the last page fault raised. */
  long pageFaultAddress() {
    return pageFaultAddress;
  }

  @Override
  public void accessed(long linear, int size, boolean write) {
    debugging.accessed(linear, size, write);
  }

  @Override
  public GuestFault deviceNotReady() {
    core.faultVector = DEVICE_PENDING;
    throw GuestFault.INSTANCE;
  }

  @Override
  public GuestFault machineCheck() {
    throw core.raise(Core.MC);
  }

  @Override
  public GuestFault secondLevel(
      long linear, long gpaRaw, int access, boolean finalAccess, EptFault fault) {
    throw violations.raise(linear, gpaRaw, access, finalAccess, fault);
  }

  /** Leaves a completed instruction with an event; does not return. */
  GuestFault softwareEvent(Insn insn, int vector, int type) {
    events.prepareSoftware(vector, type, insn);
    core.faultVector = SOFTWARE_EVENT;
    throw GuestFault.INSTANCE;
  }

  /** Begins STI or MOV-SS blocking with the instruction being executed. */
  void beginBlocking(int bit) {
    interruptibility |= bit;
    blockingBegan = true;
    core.requestAttention();
  }
}
