package org.swtdx.kvm;

import java.util.concurrent.atomic.AtomicInteger;
import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.SegmentRegister;
import org.swtdx.kvm.uapi.KvmMpState;

/**
 * INIT and start-up IPIs of an ordinary vCPU. They may arrive on any thread; the one that holds the
 * vCPU's mutex accepts them.
 */
final class VmxStartup {
  private static final int NONE = -1;

  private final VmxVcpu vcpu;
  private final CpuState cpu;
  private final AtomicInteger startup = new AtomicInteger(NONE);
  private volatile int lastVector;
  private volatile boolean initPending;

  VmxStartup(VmxVcpu vcpu) {
    this.vcpu = vcpu;
    cpu = vcpu.processor().state();
  }

  /** INIT arrived. */
  void init() {
    initPending = true;
    startup.set(NONE);
  }

  /** A start-up IPI arrived. */
  void startup(int vector) {
    lastVector = vector;
    startup.set(vector);
  }

  /** Vector of the last start-up IPI. */
  int lastVector() {
    return lastVector;
  }

  /** Sets {@link #lastVector()}. */
  void lastVector(int vector) {
    lastVector = vector;
  }

  boolean initPending() {
    return initPending;
  }

  /** Whether there is something to {@link #accept}. */
  boolean pending() {
    return initPending || waitsForStartup() && startup.get() != NONE;
  }

  private boolean waitsForStartup() {
    return vcpu.mpState() == KvmMpState.INIT_RECEIVED;
  }

  /** Resets the processor for INIT and starts it at the page of a start-up IPI. */
  void accept() {
    if (initPending) {
      initPending = false;
      vcpu.lapic().reset();
      vcpu.clock().reset();
      resetState();
      boolean boots = vcpu.vm().isBootCpu(vcpu.id());
      vcpu.mpState(boots ? KvmMpState.RUNNABLE : KvmMpState.INIT_RECEIVED);
    }
    int vector = waitsForStartup() ? startup.getAndSet(NONE) : NONE;
    if (vector != NONE) {
      SegmentRegister cs = cpu.segment(SegmentRegister.CS);
      cpu.setSegment(
          SegmentRegister.CS,
          new SegmentRegister(vector << 8, (long) vector << 12, cs.limit(), cs.accessRights()));
      cpu.setRip(0);
      vcpu.mpState(KvmMpState.RUNNABLE);
    }
  }

  private void resetState() {
    for (int i = 0; i < 16; i++) {
      cpu.setGpr(i, 0);
    }
    cpu.setCr(0, 0x6000_0010);
    cpu.setCr(3, 0);
    cpu.setCr(4, 0);
    cpu.setMsr(0xc000_0080, 0);
    cpu.setRflags(2);
    cpu.setRip(0xfff0);
    cpu.setSegment(SegmentRegister.CS, new SegmentRegister(0xf000, 0xffff_0000L, 0xffff, 0x9b));
    for (int data : new int[] {0, 2, 3, 4, 5}) {
      cpu.setSegment(data, new SegmentRegister(0, 0, 0xffff, 0x93));
    }
    cpu.setSegment(SegmentRegister.LDTR, new SegmentRegister(0, 0, 0xffff, 0x82));
    cpu.setSegment(SegmentRegister.TR, new SegmentRegister(0, 0, 0xffff, 0x8b));
    cpu.setGdt(0, 0xffff);
    cpu.setIdt(0, 0xffff);
    cpu.setDr(6, 0xffff_0ff0L);
    cpu.setDr(7, 0x400);
    resetApicPage();
    cpu.setInterruptibility(0);
    cpu.setActivityState(0);
  }

  private void resetApicPage() {
    vcpu.processor().apic().syncPostedInterrupts();
    vcpu.processor().apic().write(ApicRegister.TPR << 4, 0);
    for (int i = 0; i < 8; i++) {
      vcpu.processor().apic().write(ApicRegister.ISR + i << 4, 0);
      vcpu.processor().apic().write(ApicRegister.IRR + i << 4, 0);
    }
  }
}
