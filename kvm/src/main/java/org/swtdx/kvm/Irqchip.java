package org.swtdx.kvm;

import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.KvmIrqchip.IOAPIC;
import static org.swtdx.kvm.uapi.KvmIrqchip.PIC_MASTER;
import static org.swtdx.kvm.uapi.KvmIrqchip.PIC_SLAVE;

import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.kvm.irqchip.ChipClock;
import org.swtdx.kvm.irqchip.IoApic;
import org.swtdx.kvm.irqchip.PicPair;
import org.swtdx.kvm.irqchip.Pit;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmPitState2;

/**
 * The in-kernel interrupt controllers of an ordinary VM: 8259 pair, I/O APIC, and the 8254 if it
 * was created. One lock guards them; under it, vCPUs are only posted to and kicked. Thread-safe.
 */
final class Irqchip {
  private final Vm vm;
  private final ReentrantLock lock = new ReentrantLock();
  private final PicPair pic = new PicPair(this::picOutput);
  private final IoApic ioApic =
      new IoApic(IoApic.VERSION_KVM, this::sendMessage, this::ioApicChanged);
  private volatile boolean picActive;
  private volatile boolean endOfInterruptWanted;
  private volatile @Nullable Pit pit;

  Irqchip(Vm vm) {
    this.vm = vm;
  }

  private void picOutput(boolean active) {
    picActive = active;
    if (active) {
      for (Vcpu vcpu : vm.vcpus()) {
        if (vcpu instanceof VmxVcpu ordinary && ordinary.acceptsPic()) {
          vcpu.kickOut();
        }
      }
    }
  }

  private int sendMessage(long address, int data) {
    endOfInterruptWanted |= (data & 0x8000) != 0;
    return vm.routes.send(address, data);
  }

  private void ioApicChanged() {
    endOfInterruptWanted = ioApicNeedsEnd();
  }

  private boolean ioApicNeedsEnd() {
    return ioApic.needsEndOfInterrupt();
  }

  /** Whether the 8259s request an interrupt. */
  boolean picActive() {
    return picActive;
  }

  /** Acknowledges the 8259s: the vector to inject. */
  int acknowledgePic() {
    lock.lock();
    try {
      return pic.acknowledge();
    } finally {
      lock.unlock();
    }
  }

  /** Whether KVM must see ends of interrupts, for a level-triggered input. */
  boolean wantsEndOfInterrupt() {
    return endOfInterruptWanted;
  }

  void endOfInterrupt(int vector) {
    int pins;
    lock.lock();
    try {
      pins = ioApic.pinsInService(vector);
    } finally {
      lock.unlock();
    }
    for (int pin = 0; pins >>> pin != 0; pin++) {
      if ((pins >>> pin & 1) != 0) {
        vm.irqFds.acknowledged(pin);
      }
    }
    lock.lock();
    try {
      ioApic.endOfInterrupt(vector);
    } finally {
      lock.unlock();
    }
  }

  int setPicLine(int input, boolean level) {
    lock.lock();
    try {
      return pic.setLine(input, level);
    } finally {
      lock.unlock();
    }
  }

  int setIoApicPin(int pin, boolean level) {
    lock.lock();
    try {
      return ioApic.setPin(pin, level);
    } finally {
      lock.unlock();
    }
  }

  // ---- registers ----

  boolean claimsPort(int port) {
    return PicPair.claims(port) || pit != null && Pit.claims(port);
  }

  /** Reads ports that {@link #claimsPort} names, byte by byte. */
  int readPort(int port, int size) {
    Pit timer = pit;
    lock.lock();
    try {
      int value = 0;
      for (int i = 0; i < size; i++) {
        int one = 0xff;
        if (PicPair.claims(port + i)) {
          one = pic.readPort(port + i);
        } else if (timer != null && Pit.claims(port + i)) {
          one = timer.readPort(port + i);
        }
        value |= one << 8 * i;
      }
      return value;
    } finally {
      lock.unlock();
    }
  }

  /** Writes ports that {@link #claimsPort} names, byte by byte. */
  void writePort(int port, int size, int value) {
    Pit timer = pit;
    lock.lock();
    try {
      for (int i = 0; i < size; i++) {
        int one = value >>> 8 * i & 0xff;
        if (PicPair.claims(port + i)) {
          pic.writePort(port + i, one);
        } else if (timer != null && Pit.claims(port + i)) {
          timer.writePort(port + i, one);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  static boolean claimsMemory(long gpa) {
    return gpa >= IoApic.BASE && gpa < IoApic.BASE + 0x100;
  }

  long readMemory(long gpa, int size) {
    lock.lock();
    try {
      long value = ioApic.read(gpa - IoApic.BASE & -16) >>> 8 * (gpa & 3);
      return size == 8 ? value : value & (1L << 8 * size) - 1;
    } finally {
      lock.unlock();
    }
  }

  void writeMemory(long gpa, long value) {
    lock.lock();
    try {
      ioApic.write(gpa - IoApic.BASE, value);
    } finally {
      lock.unlock();
    }
  }

  // ---- state ----

  /** KVM_GET_IRQCHIP. */
  int get(KvmIrqchip out) {
    lock.lock();
    try {
      switch (out.chipId()) {
        case PIC_MASTER, PIC_SLAVE -> out.pic(pic.chip(out.chipId()).save());
        case IOAPIC -> {
          out.ioApicBase(IoApic.BASE).ioApicSelect(ioApic.select()).ioApicId(ioApic.id());
          out.ioApicIrr(ioApic.levels());
          for (int pin = 0; pin < IoApic.PINS; pin++) {
            out.redirection(pin, ioApic.entry(pin));
          }
        }
        default -> {
          return -EINVAL;
        }
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** KVM_SET_IRQCHIP. */
  int set(KvmIrqchip in) {
    lock.lock();
    try {
      switch (in.chipId()) {
        case PIC_MASTER, PIC_SLAVE -> {
          pic.chip(in.chipId()).load(in.pic());
          pic.update();
        }
        case IOAPIC -> {
          long[] entries = new long[IoApic.PINS];
          for (int pin = 0; pin < IoApic.PINS; pin++) {
            entries[pin] = in.redirection(pin);
          }
          ioApic.load(in.ioApicSelect(), in.ioApicId(), in.ioApicIrr(), entries);
        }
        default -> {
          return -EINVAL;
        }
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  // ---- the timer ----

  boolean hasPit() {
    return pit != null;
  }

  /** KVM_CREATE_PIT2. */
  void createPit() {
    pit = new Pit(new Clock(), level -> vm.routes.drive(IrqRoutes.SOURCE_PIT, 0, level));
  }

  int getPit(KvmPitState2 out) {
    Pit timer = java.util.Objects.requireNonNull(pit);
    lock.lock();
    try {
      for (int i = 0; i < 3; i++) {
        out.channel(i, timer.channel(i).save());
      }
      out.flags(
          (timer.lineDisconnected() ? KvmPitState2.HPET_LEGACY : 0)
              | (timer.speaker() ? KvmPitState2.SPEAKER_DATA_ON : 0));
      return 0;
    } finally {
      lock.unlock();
    }
  }

  int setPit(KvmPitState2 in) {
    Pit timer = java.util.Objects.requireNonNull(pit);
    lock.lock();
    try {
      for (int i = 0; i < 3; i++) {
        timer.channel(i).load(in.channel(i));
      }
      timer.disconnectLine((in.flags() & KvmPitState2.HPET_LEGACY) != 0);
      timer.speaker((in.flags() & KvmPitState2.SPEAKER_DATA_ON) != 0);
      timer.restart();
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /** Stops the timer's alarm; the VM is going. */
  void stop() {
    Pit timer = pit;
    if (timer != null) {
      lock.lock();
      try {
        timer.stop();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The host's timers, with actions under the chip's lock. */
  private final class Clock implements ChipClock {
    @Override
    public long nanoTime() {
      return vm.host().timers().now();
    }

    @Override
    public Alarm at(long deadline, Runnable action) {
      Future<?> pending =
          vm.host()
              .timers()
              .at(
                  deadline,
                  () -> {
                    lock.lock();
                    try {
                      action.run();
                    } finally {
                      lock.unlock();
                    }
                  });
      return () -> pending.cancel(false);
    }
  }
}
