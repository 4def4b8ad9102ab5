package org.swtdx.vmm.launch;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.uapi.KvmInterrupt;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.vmm.bus.SystemBus;
import org.swtdx.vmm.machine.InterruptControllers;
import org.swtdx.vmm.machine.UserControllers;

/**
 * Brings interrupts into the guest: messages of the I/O APIC, routes that tell KVM which vectors
 * need an end-of-interrupt exit, what the 8259s request of the first vCPU, and the notification
 * that a TD set up for finished quotes.
 */
final class Interrupts {
  private static final int NO_VECTOR = -1;

  private final KvmVm vm;
  private final KvmVcpu first;
  private final int[] addresses = new int[IoApic.PINS];
  private final int[] data = new int[IoApic.PINS];
  private @Nullable UserControllers user;
  private volatile boolean picActive;
  private volatile int notifyVector = NO_VECTOR;
  private volatile int notifyApic;

  /**
   * Connects a VM.
   *
   * @param vm the VM
   * @param first the vCPU that takes the 8259s' interrupts
   */
  Interrupts(KvmVm vm, KvmVcpu first) {
    this.vm = vm;
    this.first = first;
  }

  /** Controllers in this process. */
  InterruptControllers split(ChipClock clock) {
    user = new UserControllers(clock, this::send, this::routesChanged, this::picOutput);
    return user;
  }

  private int send(long address, int data) {
    return vm.signalMsi(KvmMsi.of(address, data));
  }

  private void routesChanged() {
    UserControllers controllers = user;
    if (controllers == null) {
      return;
    }
    IoApic apic = controllers.ioApic();
    KvmIrqRouting routing = new KvmIrqRouting(IoApic.PINS);
    int count = 0;
    for (int pin = 0; pin < IoApic.PINS; pin++) {
      if (!apic.masked(pin)) {
        addresses[pin] = (int) apic.address(pin);
        data[pin] = apic.data(pin);
      }
      // One that was masked since may still be in service, and its end must be told.
      if (addresses[pin] != 0) {
        routing.gsi(count, pin).type(count, KvmIrqRouting.MSI);
        routing.msiAddressLo(count, addresses[pin]).msiAddressHi(count, 0);
        routing.msiData(count, data[pin]);
        count++;
      }
    }
    vm.setGsiRouting(routing.nr(count));
  }

  private void picOutput(boolean active) {
    picActive = active;
    if (active) {
      first.kick();
    }
  }

  /**
   * Before a vCPU runs: injects what the 8259s request, or asks for an exit once that is possible.
   *
   * @param vcpu the vCPU
   * @param bus whose lock guards the 8259s
   */
  void beforeRun(KvmVcpu vcpu, SystemBus bus) {
    UserControllers controllers = user;
    if (vcpu != first || controllers == null) {
      return;
    }
    KvmRun run = vcpu.kvmRun();
    if (picActive && run.readyForInterruptInjection() != 0) {
      bus.serialized(
          () -> {
            if (controllers.pic().active()) {
              vcpu.interrupt(new KvmInterrupt().irq(controllers.pic().acknowledge()));
            }
          });
    }
    run.requestInterruptWindow(picActive ? 1 : 0);
  }

  /** TDVMCALL SetupEventNotifyInterrupt, from the vCPU with an APIC id. */
  void setNotification(int vector, int apicId) {
    notifyApic = apicId;
    notifyVector = vector;
  }

  /** Sends the notification that the guest asked for, if it did. */
  void notifyGuest() {
    int vector = notifyVector;
    if (vector != NO_VECTOR) {
      vm.signalMsi(KvmMsi.of(0xfee00000L | (long) (notifyApic & 0xff) << 12, vector));
    }
  }
}
