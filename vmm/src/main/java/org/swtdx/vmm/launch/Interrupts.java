package org.swtdx.vmm.launch;

import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.vmm.device.IoApic;

/**
 * Brings interrupts into the guest: messages of the I/O APIC, routes that tell KVM which vectors
 * need an end-of-interrupt exit, and the notification that a TD set up for finished quotes.
 */
final class Interrupts implements IoApic.MessageSink, IoApic.RouteListener {
  private static final int NO_VECTOR = -1;

  private final KvmVm vm;
  private @Nullable IoApic ioApic;
  private volatile int notifyVector = NO_VECTOR;
  private volatile int notifyApic;

  Interrupts(KvmVm vm) {
    this.vm = vm;
  }

  void connect(IoApic apic) {
    ioApic = apic;
  }

  @Override
  public void send(long address, int data) {
    vm.signalMsi(KvmMsi.of(address, data));
  }

  @Override
  public void changed() {
    IoApic apic = ioApic;
    if (apic == null) {
      return;
    }
    KvmIrqRouting routing = new KvmIrqRouting(IoApic.PINS);
    int count = 0;
    for (int pin = 0; pin < IoApic.PINS; pin++) {
      if (!apic.masked(pin)) {
        routing.gsi(count, pin).type(count, KvmIrqRouting.MSI);
        routing.msiAddressLo(count, (int) apic.address(pin)).msiAddressHi(count, 0);
        routing.msiData(count, apic.data(pin));
        count++;
      }
    }
    vm.setGsiRouting(routing.nr(count));
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
