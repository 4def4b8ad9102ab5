package org.swtdx.kvm;

import static org.swtdx.kvm.Vcpu.CONTINUE;
import static org.swtdx.kvm.Vcpu.TO_USER;
import static org.swtdx.kvm.uapi.Errno.EFAULT;

import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Emulation;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.TaskSwitch;
import org.swtdx.cpu.VmExit;
import org.swtdx.events.PlatformEvents;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmRun;

/** The VM exits of an ordinary vCPU. */
final class VmxExits {
  private static final int GENERAL_PROTECTION = 13;

  private static final Map<Integer, Stat> STATS =
      Map.of(
          ExitReason.EXTERNAL_INTERRUPT.number(), Stat.IRQ_EXITS,
          ExitReason.HLT.number(), Stat.HALT_EXITS,
          ExitReason.IO.number(), Stat.IO_EXITS,
          ExitReason.VMCALL.number(), Stat.HYPERCALLS,
          ExitReason.EPT_VIOLATION.number(), Stat.PF_TAKEN);

  private final VmxVcpu vcpu;
  private final Processor processor;
  private final CpuState state;
  private final KvmRun run;
  private final int[] cpuidResult = new int[4];
  private final @Nullable LongAdder[] counters = new LongAdder[128];
  private final VmxMmio mmio;
  private final VmxStringIo string;
  private final VmxMsrExits msrExits;
  private final VmxHypercall hypercall;
  private final VmxInvalidOpcode invalidOpcode;
  private Pending pending = Pending.NONE;
  private int ioSize;
  private long ioRip;

  /** What user space has to do for the instruction that exited last. */
  private enum Pending {
    NONE,
    PORT_READ,
    PORT_WRITE,
    STRING,
    MSR,
    HYPERCALL
  }

  VmxExits(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    processor = vcpu.processor();
    state = processor.state();
    run = vcpu.run;
    mmio = new VmxMmio(vcpu);
    GuestWalk walk = new GuestWalk(vcpu, state);
    string = new VmxStringIo(vcpu, walk, mmio);
    msrExits = new VmxMsrExits(vcpu);
    hypercall = new VmxHypercall(vcpu);
    invalidOpcode = new VmxInvalidOpcode(vcpu, walk);
  }

  /** Finishes what the last exit asked for. */
  int completeUserSpace() {
    Pending what = pending;
    pending = Pending.NONE;
    switch (what) {
      case NONE -> {
        return afterMmio(mmio.complete());
      }
      case STRING -> {
        return afterString(string.complete());
      }
      case PORT_READ -> {
        putRax(ioSize, PortPage.get(run, ioSize, 0));
        return skipUnlessMoved();
      }
      case PORT_WRITE -> {
        return skipUnlessMoved();
      }
      case MSR -> {
        return afterMsr(msrExits.complete());
      }
      case HYPERCALL -> {
        hypercall.complete();
        return skip();
      }
    }
    return CONTINUE;
  }

  private int afterString(int result) {
    pending = string.isWaiting() ? Pending.STRING : Pending.NONE;
    return result;
  }

  private int afterMmio(int result) {
    return result == VmxMmio.OTHER_EXIT ? emulationExit() : result;
  }

  /** The emulated instruction caused another VM exit. */
  private int emulationExit() {
    return processor.exit().reason == ExitReason.EPT_VIOLATION.number()
        ? emulationFailure()
        : handle();
  }

  int handle() {
    VmExit exit = processor.exit();
    count(exit.reason);
    if (exit.reason == ExitReason.EXTERNAL_INTERRUPT.number()
        || exit.reason == ExitReason.INTERRUPT_WINDOW.number()
        || exit.reason == ExitReason.NMI_WINDOW.number()) {
      return CONTINUE;
    }
    if (exit.reason == ExitReason.IO.number()) {
      return io(exit);
    }
    if (exit.reason == ExitReason.EPT_VIOLATION.number()) {
      return eptViolation(exit);
    }
    if (exit.reason == ExitReason.TASK_SWITCH.number()) {
      TaskSwitch task = TaskSwitch.of(exit);
      return withMemory(() -> processor.switchTask(task));
    }
    if (exit.reason == ExitReason.EXCEPTION_OR_NMI.number()) {
      return exception(exit);
    }
    if (exit.reason == ExitReason.TRIPLE_FAULT.number()) {
      run.exitReason(KvmExit.SHUTDOWN);
      return TO_USER;
    }
    return instruction(exit);
  }

  private int exception(VmExit exit) {
    if ((exit.interruptionInfo & 0xff) == MachineCheck.VECTOR) {
      return -EFAULT; // the process took away memory that the guest uses
    }
    if ((exit.interruptionInfo & 0xff) == VmxInvalidOpcode.VECTOR) {
      return invalidOpcode.isOtherHypercall()
          ? withMemory(invalidOpcode::patch)
          : invalidOpcode.raise();
    }
    return vcpu.debug().exception(exit) ? TO_USER : unexpected(exit);
  }

  private void count(int reason) {
    LongAdder counter = counters[reason & 127];
    if (counter == null) {
      PlatformEvents events = vcpu.vm().platform().events();
      counter = events.counter(PlatformEvents.Kind.EXIT, ExitNames.of(reason));
      counters[reason & 127] = counter;
    }
    counter.increment();
    vcpu.stats.count(Stat.EXITS);
    Stat stat = STATS.get(reason);
    if (stat != null) {
      vcpu.stats.count(stat);
    }
  }

  /** HLT: the kernel waits for an interrupt where it has the interrupt controllers. */
  private int halt() {
    int result = skip();
    if (vcpu.vm().hasIrqchip()) {
      vcpu.mpState(KvmMpState.HALTED);
      return result;
    }
    if (result == CONTINUE) {
      vcpu.run.exitReason(KvmExit.HLT);
    }
    return TO_USER;
  }

  private int instruction(VmExit exit) {
    if (exit.reason == ExitReason.CPUID.number()) {
      return cpuid();
    }
    if (exit.reason == ExitReason.HLT.number()) {
      return halt();
    }
    if (exit.reason == ExitReason.RDMSR.number()) {
      return afterMsr(msrExits.read());
    }
    if (exit.reason == ExitReason.WRMSR.number()) {
      return afterMsr(msrExits.write());
    }
    if (exit.reason == ExitReason.XSETBV.number()) {
      return xsetbv();
    }
    if (exit.reason == ExitReason.VMCALL.number()) {
      if (hypercall.handle() == TO_USER) {
        pending = Pending.HYPERCALL;
        return TO_USER;
      }
      return skip();
    }
    if (exit.reason == ExitReason.WBINVD.number()
        || exit.reason == ExitReason.INVD.number()
        || exit.reason == ExitReason.MONITOR.number()
        || exit.reason == ExitReason.MWAIT.number()
        || exit.reason == ExitReason.PAUSE.number()) {
      return skip();
    }
    if (exit.reason == ExitReason.MOV_DR.number()) {
      return vcpu.debug().moveDr(exit);
    }
    if (exit.reason == ExitReason.RDPMC.number()) {
      return protectionFault();
    }
    return unexpected(exit);
  }

  /** Ends the instruction that exited. */
  private int skip() {
    processor.skipInstruction();
    return vcpu.debug().stepped();
  }

  /** Ends the port access, unless user space moved the instruction pointer meanwhile. */
  private int skipUnlessMoved() {
    return state.rip() == ioRip ? skip() : CONTINUE;
  }

  private int afterMsr(int result) {
    return switch (result) {
      case VmxMsrExits.DONE -> skip();
      case VmxMsrExits.REFUSED -> protectionFault();
      default -> {
        pending = Pending.MSR;
        yield TO_USER;
      }
    };
  }

  private int protectionFault() {
    vcpu.events().exception(GENERAL_PROTECTION, 0);
    return CONTINUE;
  }

  private int unexpected(VmExit exit) {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_UNEXPECTED_EXIT_REASON)
        .internalNdata(2);
    run.internalData(0, exit.reason).internalData(1, vcpu.lp().index());
    return TO_USER;
  }

  /** The delivery of an event needs memory where there is none. */
  private int deliveryFailure(VmExit exit) {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_DELIVERY_EV)
        .internalNdata(5);
    run.internalData(0, exit.idtVectoringInfo & 0xffff_ffffL).internalData(1, exit.reason);
    run.internalData(2, exit.qualification).internalData(3, exit.guestPhysicalAddress);
    run.internalData(4, vcpu.lp().index());
    return TO_USER;
  }

  /** An instruction that KVM would have to emulate and cannot. */
  private int emulationFailure() {
    run.exitReason(KvmExit.INTERNAL_ERROR)
        .internalSuberror(KvmExit.INTERNAL_ERROR_EMULATION)
        .internalNdata(0);
    return TO_USER;
  }

  private int cpuid() {
    if (vcpu.msrs().cpuidFaults() && state.cpl() > 0) {
      return protectionFault();
    }
    vcpu.cpuidEffects()
        .query((int) state.gpr(CpuState.RAX), (int) state.gpr(CpuState.RCX), cpuidResult);
    state.setGpr(CpuState.RAX, cpuidResult[0] & 0xffff_ffffL);
    state.setGpr(CpuState.RBX, cpuidResult[1] & 0xffff_ffffL);
    state.setGpr(CpuState.RCX, cpuidResult[2] & 0xffff_ffffL);
    state.setGpr(CpuState.RDX, cpuidResult[3] & 0xffff_ffffL);
    return skip();
  }

  private int xsetbv() {
    long value = state.gpr(CpuState.RAX) & 0xffff_ffffL | state.gpr(CpuState.RDX) << 32;
    if ((int) state.gpr(CpuState.RCX) != 0 || !vcpu.cpuidEffects().validXcr0(value)) {
      return protectionFault();
    }
    state.setXcr0(value);
    return skip();
  }

  private int io(VmExit exit) {
    long qualification = exit.qualification;
    int size = (int) (qualification & 7) + 1;
    boolean read = (qualification & 8) != 0;
    if ((qualification & 0x10) != 0) {
      return afterString(string.start(exit));
    }
    int port = (int) (qualification >>> 16) & 0xffff;
    ioSize = size;
    Irqchip chip = vcpu.vm().irqchip();
    if (chip != null && chip.claimsPort(port)) {
      chipIo(chip, port, size, read);
      return skip();
    }
    if (!read) {
      long value = state.gpr(CpuState.RAX) & (1L << 8 * size) - 1;
      if (vcpu.vm().bus.write(true, port, size, value)) {
        return skip();
      }
      PortPage.put(run, size, (int) value);
    }
    ioRip = state.rip();
    pending = read ? Pending.PORT_READ : Pending.PORT_WRITE;
    return PortPage.leave(run, port, size, read, 1);
  }

  /** Ports of the in-kernel interrupt controllers. */
  private void chipIo(Irqchip chip, int port, int size, boolean read) {
    if (read) {
      putRax(size, chip.readPort(port, size));
    } else {
      chip.writePort(port, size, (int) state.gpr(CpuState.RAX));
    }
  }

  private void putRax(int size, int data) {
    long rax = state.gpr(CpuState.RAX);
    long value =
        switch (size) {
          case 1 -> rax & ~0xffL | data & 0xff;
          case 2 -> rax & ~0xffffL | data & 0xffff;
          default -> data & 0xffff_ffffL;
        };
    state.setGpr(CpuState.RAX, value);
  }

  /** Carries out what the processor leaves to its hypervisor, with the guest's memory mapped. */
  private int withMemory(Supplier<Emulation> work) {
    while (work.get() == Emulation.EXITED) {
      VmExit exit = processor.exit();
      if (exit.reason != ExitReason.EPT_VIOLATION.number()) {
        return handle();
      }
      int result = vcpu.fault(exit.guestPhysicalAddress, (exit.qualification & 2) != 0);
      if (result != CONTINUE) {
        return result == TO_USER ? emulationFailure() : result;
      }
    }
    return CONTINUE;
  }

  private int eptViolation(VmExit exit) {
    int result = vcpu.fault(exit.guestPhysicalAddress, (exit.qualification & 2) != 0);
    if (result != TO_USER) {
      return result;
    }
    if ((exit.idtVectoringInfo & 1 << 31) != 0) {
      return deliveryFailure(exit);
    }
    boolean fetch = (exit.qualification & 4) != 0;
    return fetch ? emulationFailure() : afterMmio(mmio.start());
  }
}
