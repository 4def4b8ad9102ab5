package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.ENXIO;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.Processor;
import org.swtdx.kvm.uapi.KvmRun;

/**
 * Interrupts that reach an ordinary vCPU past its local APIC: those of the 8259s, in the kernel or
 * in user space (KVM_INTERRUPT). Used by the thread that holds the vCPU's mutex.
 */
final class ExternalInterrupts {
  private static final int NONE = -1;
  private static final long INTERRUPT_FLAG = 1 << 9;
  private static final int SHADOWS = 3;

  private final VmxVcpu vcpu;
  private final VmxVm vm;
  private final CpuState state;
  private int userVector = NONE;

  ExternalInterrupts(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    vm = vcpu.vm();
    state = vcpu.processor().state();
  }

  /** KVM_INTERRUPT: the vector that user space's 8259s deliver. */
  int interrupt(int vector) {
    if (vector < 0 || vector > 255) {
      return -EINVAL;
    }
    if (vm.irqchip() != null) {
      return -ENXIO;
    }
    if (userVector != NONE) {
      return -EEXIST;
    }
    userVector = vector;
    return 0;
  }

  /** Whether one waits and the local APIC lets it through. */
  boolean pending() {
    Irqchip chip = vm.irqchip();
    boolean requested = chip != null ? chip.picActive() : userVector != NONE;
    return requested && vcpu.acceptsPic();
  }

  private int take() {
    Irqchip chip = vm.irqchip();
    if (chip != null) {
      return chip.acknowledgePic();
    }
    int vector = userVector;
    userVector = NONE;
    return vector;
  }

  /** Whether RFLAGS.IF is set. */
  boolean enabled() {
    return (state.rflags() & INTERRUPT_FLAG) != 0;
  }

  private boolean open() {
    boolean blocked = vcpu.processor().controls().interruptsBlocked;
    return !blocked
        && !vcpu.events().queued()
        && enabled()
        && (state.interruptibility() & SHADOWS) == 0;
  }

  /** Whether user space could inject an interrupt now. */
  private boolean ready() {
    return open() && userVector == NONE && vcpu.acceptsPic();
  }

  private boolean windowRequested() {
    return vcpu.run.requestInterruptWindow() != 0 && vm.irqchip() == null;
  }

  /** Whether the window that user space asked for is open. */
  boolean windowReached() {
    return windowRequested() && ready();
  }

  /** Queues what the 8259s request, or asks for an exit once that is possible. */
  void prepareEntry() {
    boolean waiting = pending();
    if (waiting && open()) {
      vcpu.events().queue(take(), Processor.EXTERNAL_INTERRUPT, -1, 0);
      waiting = pending();
    }
    vcpu.processor().controls().interruptWindowExiting =
        waiting || windowRequested() && vcpu.acceptsPic();
  }

  /** What kvm_run says whenever KVM_RUN returns. */
  void save(KvmRun run) {
    run.ifFlag(enabled() ? 1 : 0);
    run.readyForInterruptInjection(vm.irqchip() != null || ready() ? 1 : 0);
  }
}
