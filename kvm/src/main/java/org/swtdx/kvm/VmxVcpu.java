package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENOENT;

import java.util.concurrent.atomic.LongAdder;
import org.swtdx.cpu.EptWalker;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VmControls;
import org.swtdx.cpu.VmExit;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.memory.Hpa;

/** A vCPU of an ordinary VM: a guest processor of KVM's own. */
final class VmxVcpu extends Vcpu {
  private static final long APIC_BASE_RESET = 0xfee0_0800L;
  private static final long APIC_BASE_BSP = 1 << 8;
  private static final long APIC_BASE_X2 = 1 << 10;
  private static final long APIC_BASE_ENABLE = 1 << 11;
  private static final int NONE = -1;
  private static final int VALID = 1 << 31;
  private static final int ERROR_CODE_VALID = 1 << 11;

  private final VmxVm vm;
  private final Processor processor;
  private final VmxState state;
  private final VmxExits exits;
  private final VmxMsrs msrs;
  private final CpuidEffects cpuidEffects;
  private final VmxEvents events;
  private final GuestDebug debug;
  private final ExternalInterrupts external;
  private final ParavirtualClock clock;
  private final LongAdder instructions;
  private final VmxStartup startup;
  private volatile long apicBase;
  private int tscKhz;
  private int endedVector = NONE;

  VmxVcpu(VmxVm vm, int id, Hpa postedFrame, EptTables ept) {
    this.vm = vm;
    super(vm, id, postedFrame);
    tscKhz = vm.options.tscKhz;
    processor =
        new Processor(
            vm.platform(), new EptWalker(vm.platform().memory(), ept.root().value(), ept.levels()));
    processor.controls().exceptionBitmap |= 1 << VmxInvalidOpcode.VECTOR;
    state = new VmxState(this, processor.state());
    msrs = new VmxMsrs(this);
    instructions = vm.platform().events().counter(PlatformEvents.Kind.COUNT, "instructions");
    cpuidEffects = new CpuidEffects(this);
    events = new VmxEvents(this);
    debug = new GuestDebug(this);
    external = new ExternalInterrupts(this);
    clock = new ParavirtualClock(this, vm);
    startup = new VmxStartup(this);
    exits = new VmxExits(this);
    VmControls controls = processor.controls();
    controls.apicVirtualization = true;
    controls.postedInterrupts = true;
    controls.postedInterruptVector = PostedInterrupts.NOTIFICATION_VECTOR;
    controls.postedInterruptDescriptor = posted().address().value();
    controls.msrPolicy = msrs::exits;
    setTscKhz(tscKhz);
    setTsc(0, false);
    apicBase = APIC_BASE_RESET | (vm.isBootCpu(id) ? APIC_BASE_BSP : 0);
  }

  @Override
  VmxVm vm() {
    return vm;
  }

  Processor processor() {
    return processor;
  }

  VmxState state() {
    return state;
  }

  CpuidEffects cpuidEffects() {
    return cpuidEffects;
  }

  VmxEvents events() {
    return events;
  }

  GuestDebug debug() {
    return debug;
  }

  ExternalInterrupts external() {
    return external;
  }

  ParavirtualClock clock() {
    return clock;
  }

  @Override
  void clockChanged() {
    clock.outdate();
  }

  @Override
  boolean guestWasStopped() {
    return clock.guestWasStopped();
  }

  VmxStartup startup() {
    return startup;
  }

  VmxMsrs msrs() {
    return msrs;
  }

  @Override
  boolean x2Apic() {
    return (apicBase & APIC_BASE_X2) != 0;
  }

  long apicBase() {
    return apicBase;
  }

  /** Whether a value can be written to IA32_APIC_BASE from the mode the APIC is in. */
  boolean validApicBase(long value) {
    boolean enable = (value & APIC_BASE_ENABLE) != 0;
    boolean x2 = (value & APIC_BASE_X2) != 0;
    return (value & 0x2ff) == 0 && value >>> 52 == 0 && (enable || !x2);
  }

  /** Whether the guest may go to that mode: not from x2APIC to xAPIC, nor from off to x2APIC. */
  boolean validApicTransition(long value) {
    long mode = APIC_BASE_ENABLE | APIC_BASE_X2;
    boolean leavesX2 = x2Apic() && (value & mode) == APIC_BASE_ENABLE;
    boolean skipsX1 = (apicBase & mode) == 0 && (value & mode) == mode;
    return !leavesX2 && !skipsX1;
  }

  void setApicBase(long value) {
    apicBase = value;
  }

  @Override
  long guestTsc() {
    return processor.guestTsc();
  }

  /** The TSC as the guest reads it when the host's has a value. */
  long guestTsc(long hostTsc) {
    VmControls controls = processor.controls();
    long high = Math.unsignedMultiplyHigh(hostTsc, controls.tscMultiplier);
    return (high << 16 | hostTsc * controls.tscMultiplier >>> 48) + controls.tscOffset;
  }

  @Override
  int tscKhz() {
    return tscKhz;
  }

  @Override
  long tscOffset() {
    return processor.controls().tscOffset;
  }

  @Override
  void tscOffset(long offset) {
    processor.controls().tscOffset = offset;
    clock.outdate();
  }

  /** Sets the TSC; the offset follows those of the other vCPUs where they are meant to be equal. */
  void setTsc(long value, boolean byUser) {
    VmControls controls = processor.controls();
    long host = processor.guestTsc() - controls.tscOffset;
    controls.tscOffset = vm.tsc.offset(tscKhz, host, value, byUser);
    clock.outdate();
  }

  int setTscKhz(int khz) {
    if (khz < 0) {
      return -EINVAL;
    }
    tscKhz = khz == 0 ? vm.host().tscKhz() : khz;
    long host = vm.host().tscKhz();
    processor.controls().tscMultiplier = ((long) tscKhz << 32) / host << 16;
    clock.outdate();
    return 0;
  }

  @Override
  boolean readMsr(int msr, KvmMsrs target, int at) {
    if (!msrs.readForUser(msr)) {
      return false;
    }
    target.data(at, msrs.value());
    return true;
  }

  @Override
  boolean writeMsr(int msr, long value) {
    return msrs.writeForUser(msr, value);
  }

  @Override
  void setUpMachineChecks(long capability) {
    msrs.machineChecks().setUp(capability);
  }

  /** A register of the APIC page: the processor's own ones from there, else the LAPIC's. */
  int apicRegister(int number) {
    boolean virtual =
        number == ApicRegister.TPR
            || number == ApicRegister.PPR
            || number >= ApicRegister.ISR && number < ApicRegister.TMR
            || number >= ApicRegister.IRR && number < ApicRegister.ESR;
    return virtual ? processor.apic().read(number << 4) : lapic().read(number);
  }

  /** Whether the local APIC is on, in either mode. */
  boolean apicEnabled() {
    return (apicBase & APIC_BASE_ENABLE) != 0;
  }

  /** Whether the local APIC answers at its page in physical memory. */
  boolean xApicEnabled() {
    return (apicBase & (APIC_BASE_ENABLE | APIC_BASE_X2)) == APIC_BASE_ENABLE;
  }

  /** A guest's write to a register of the APIC page. */
  void writeApicRegister(int number, int value) {
    switch (number) {
      case ApicRegister.TPR -> processor.apic().write(number << 4, value & 0xff);
      case ApicRegister.EOI -> endOfInterrupt();
      case ApicRegister.SELF_IPI -> {
        // There is no such register in xAPIC mode.
      }
      default -> lapic().write(number, value);
    }
  }

  /** Clears the highest in-service vector; the processor recomputes its priority. */
  void endOfInterrupt() {
    for (int i = 7; i >= 0; i--) {
      int offset = ApicRegister.ISR + i << 4;
      int word = processor.apic().read(offset);
      if (word != 0) {
        processor.apic().write(offset, word & ~Integer.highestOneBit(word));
        broadcastEnd(i << 5 | 31 - Integer.numberOfLeadingZeros(word));
        return;
      }
    }
  }

  /** Tells the I/O APIC, in the kernel or in user space, of the end of a level-triggered one. */
  private void broadcastEnd(int vector) {
    if (!lapic().isLevelTriggered(vector) || lapic().suppressesBroadcast()) {
      return;
    }
    Irqchip chip = vm.irqchip();
    if (chip != null) {
      chip.endOfInterrupt(vector);
    } else if (vm.routes.isLevelTriggered(vector)) {
      endedVector = vector;
    }
  }

  /** Whether the guest's EOI must be seen by KVM. */
  boolean exitsOnEndOfInterrupt() {
    Irqchip chip = vm.irqchip();
    return chip != null ? chip.wantsEndOfInterrupt() : vm.routes.wantsEndOfInterrupt();
  }

  // ---- interrupts of the 8259s ----

  /** Whether the local APIC lets the 8259s' interrupts through. */
  boolean acceptsPic() {
    return (apicBase & APIC_BASE_ENABLE) == 0 || lapic().lint0IsExternal();
  }

  @Override
  void saveRunState() {
    run.cr8(processor.state().cr(8)).apicBase(apicBase);
    external.save(run);
  }

  @Override
  boolean haltEnds() {
    if (!external.enabled()) {
      return false;
    }
    processor.apic().syncPostedInterrupts();
    return processor.apic().interruptPending() || external.pending();
  }

  /**
   * Sets the registers of the local APIC. Vectors that were posted to the old one are gone with it:
   * after a reset of the VM nobody would end them.
   */
  void setApicRegisters(KvmLapicState in) {
    lapic().write(ApicRegister.LVT_TIMER, in.reg(ApicRegister.LVT_TIMER));
    lapic().write(ApicRegister.TIMER_INITIAL, 0); // or the old timer would post again
    processor.apic().syncPostedInterrupts(); // into IRR, which is replaced
    for (int number = 0; number < 64; number++) {
      if (number >= ApicRegister.TMR && number < ApicRegister.IRR) {
        lapic().loadTriggers(number, in.reg(number));
      } else if (number == ApicRegister.TPR
          || number >= ApicRegister.ISR && number < ApicRegister.ESR) {
        processor.apic().write(number << 4, in.reg(number));
      } else if (number == ApicRegister.ICR || number == ApicRegister.ESR) {
        lapic().load(number, in.reg(number));
      } else if (number != ApicRegister.EOI
          && number != ApicRegister.SELF_IPI
          && number != ApicRegister.TIMER_CURRENT) {
        lapic().write(number, in.reg(number));
      }
    }
    lapic().timer().goOn(in.reg(ApicRegister.TIMER_CURRENT));
  }

  @Override
  boolean isSameCpuid(GuestCpuid wanted) {
    return cpuidEffects.isSame(wanted);
  }

  // ---- INIT and SIPI ----

  @Override
  void requestInit() {
    startup.init();
    kickOut();
  }

  @Override
  void requestStartup(int vector) {
    startup.startup(vector);
    kickOut();
  }

  @Override
  boolean eventPending() {
    return super.eventPending() || startup.pending();
  }

  @Override
  void wakeUp() {
    super.wakeUp();
    startup.accept();
  }

  // ---- KVM_RUN ----

  @Override
  int prepareRun() {
    return 0;
  }

  @Override
  int completeUserSpace() {
    return exits.completeUserSpace();
  }

  @Override
  int enter() {
    if (startup.initPending()) {
      startup.accept();
      return CONTINUE;
    }
    if (endedVector != NONE) {
      run.exitReason(KvmExit.IOAPIC_EOI).eoiVector(endedVector);
      endedVector = NONE;
      return TO_USER;
    }
    if (events.takeTripleFault()) {
      run.exitReason(KvmExit.SHUTDOWN);
      return TO_USER;
    }
    if (external.windowReached()) {
      run.exitReason(KvmExit.IRQ_WINDOW_OPEN);
      return TO_USER;
    }
    LogicalProcessor lp = lp();
    if (takeNmiRequest()) {
      stats.count(Stat.NMI_INJECTIONS);
      processor.requestNmi();
    }
    lp.maskInterrupts();
    aboutToEnter();
    try {
      if (signalPending() || nmiRequested() || startup.initPending() || vm.dead()) {
        return CONTINUE;
      }
      runGuest(lp);
    } finally {
      leftGuest();
      lp.unmaskInterrupts();
    }
    redeliver();
    return exits.handle();
  }

  private void runGuest(LogicalProcessor lp) {
    external.prepareEntry();
    if (posted().outstanding()) {
      lp.sendInterrupt(PostedInterrupts.NOTIFICATION_VECTOR);
    }
    cpuidEffects.apply(processor.controls());
    clock.enter();
    long before = processor.instructionCount();
    events.enter();
    debug.enter();
    processor.run(lp);
    debug.left();
    instructions.add(processor.instructionCount() - before);
  }

  /**
   * An exit while an event was being delivered: the next entry delivers it again, unless what it
   * exited for is a task switch, which delivers it.
   */
  private void redeliver() {
    VmExit exit = processor.exit();
    if (exit.reason == ExitReason.TASK_SWITCH.number()) {
      return;
    }
    int info = exit.idtVectoringInfo;
    if ((info & VALID) != 0) {
      boolean hasError = (info & ERROR_CODE_VALID) != 0;
      events.queue(
          info & 0xff,
          info >>> 8 & 7,
          hasError ? exit.idtVectoringErrorCode : -1,
          exit.instructionLength);
    }
  }

  /**
   * Handles an access to an unmapped guest physical address; TO_USER when nothing is there, or
   * nothing that can be written.
   */
  int fault(long gpa, boolean write) {
    long gfn = gpa >>> 12;
    MemSlots slots = vm.slots();
    MemSlot slot = slots.find(gfn);
    if (vm.attributes.isPrivate(gfn) && (slot == null || slot.file() == null)) {
      run.exitReason(KvmExit.MEMORY_FAULT).memoryFaultFlags(KvmExit.MEMORY_FAULT_PRIVATE);
      run.memoryFaultGpa(gfn << 12).memoryFaultSize(Hpa.PAGE_SIZE);
      return -EFAULT;
    }
    if (slot == null || write && slot.readOnly()) {
      return TO_USER;
    }
    return vm.fault(this, slots, slot, gfn, write);
  }

  /** KVM_PRE_FAULT_MEMORY: maps a range as reads would. */
  int preFault(KvmPreFaultMemory range) {
    return PreFault.run(
        range,
        this,
        gpa -> {
          int result = fault(gpa, false);
          return result == TO_USER ? -ENOENT : result;
        });
  }

  @Override
  void free() {
    processor.close();
    super.free();
  }
}
