package org.swtdx.vmm.launch;

import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.irqchip.PicPair;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmPitState2;
import org.swtdx.vmm.VmmException;
import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.device.InterruptLine;
import org.swtdx.vmm.machine.InterruptControllers;

/** Interrupt controllers in the kernel: lines are ioctls, and no register is here. */
final class KernelControllers implements InterruptControllers {
  private static final int TIMER_PIN = 2;

  private final KvmVm vm;

  KernelControllers(KvmVm vm) {
    this.vm = vm;
  }

  /** Creates them; before the first vCPU. */
  static void create(KvmVm vm) throws VmmException {
    Ioctl.check("KVM_CREATE_IRQCHIP", vm.createIrqchip());
    Ioctl.check("KVM_CREATE_PIT2", vm.createPit2(new KvmPitConfig().flags(1)));
    KvmIrqRouting routing = new KvmIrqRouting(PicPair.LINES + IoApic.PINS - 1);
    int at = 0;
    for (int gsi = 0; gsi < IoApic.PINS; gsi++) {
      if (gsi < PicPair.LINES) {
        int chip = gsi < 8 ? KvmIrqchip.PIC_MASTER : KvmIrqchip.PIC_SLAVE;
        routing.gsi(at, gsi).type(at, KvmIrqRouting.IRQCHIP).chip(at, chip).pin(at++, gsi & 7);
      }
      if (gsi != TIMER_PIN) {
        int pin = gsi == 0 ? TIMER_PIN : gsi;
        routing.gsi(at, gsi).type(at, KvmIrqRouting.IRQCHIP);
        routing.chip(at, KvmIrqchip.IOAPIC).pin(at++, pin);
      }
    }
    Ioctl.check("KVM_SET_GSI_ROUTING", vm.setGsiRouting(routing));
  }

  @Override
  public InterruptLine line(int number) {
    return level -> vm.irqLine(new KvmIrqLevel().irq(number).level(level ? 1 : 0));
  }

  @Override
  public void place(SystemBus bus) {
    // The kernel answers before an access leaves it.
  }

  @Override
  public void replaceTimer(boolean replaced) {
    KvmPitState2 state = new KvmPitState2();
    if (vm.getPit2(state) == 0) {
      int flags = state.flags() & ~KvmPitState2.HPET_LEGACY;
      vm.setPit2(state.flags(replaced ? flags | KvmPitState2.HPET_LEGACY : flags));
    }
  }

  @Override
  public void endOfInterrupt(int vector) {
    // The kernel has seen it.
  }
}
