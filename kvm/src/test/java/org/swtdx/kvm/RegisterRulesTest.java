package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.flat;
import static org.swtdx.kvm.Vcpus.sregs;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmTranslation;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/** What setting registers of ordinary vCPUs does beside, and what it refuses. */
class RegisterRulesTest {
  private static final int VECTOR = 0x31;
  private static final int FEATURES_ENABLES = 0x140;
  private static final int IOPL_3 = 3 << 12;

  @AutoClose
  private final OrdinaryVm guest =
      new OrdinaryVm().splitIrqchip().enable(KvmCap.EXCEPTION_PAYLOAD, 1);

  private final KvmVcpu vcpu = guest.vcpu(0);

  @Test
  void anInterruptThatWasBeingDeliveredMovesWithTheRegisters() {
    guest.code(0x1000, "e680");
    guest.code(0x2000, "e681"); // its handler
    guest.store(4 * VECTOR, 4, 0x2000);
    KvmSregs sregs = sregs(vcpu).selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0);
    assertThat(vcpu.setSregs(sregs.interruptBitmap(0, 1L << VECTOR))).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(0x202).rsp(0x8000))).isZero();

    assertThat(sregs(vcpu).interruptBitmap(0)).isEqualTo(1L << VECTOR);
    KvmVcpuEvents events = new KvmVcpuEvents();
    assertThat(vcpu.getVcpuEvents(events)).isZero();
    assertThat(events.interruptInjected()).isEqualTo(1);
    assertThat(events.interruptNr()).isEqualTo(VECTOR);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x81);
    assertThat(sregs(vcpu).interruptBitmap(0)).isZero();
  }

  @Test
  void withoutPagingEveryAddressButTheLastIsItsOwnTranslation() {
    for (long linear : new long[] {0, 0x10000, 0xffff_ffffL, 0x12_3456_7890L, -2}) {
      KvmTranslation walk = new KvmTranslation().linearAddress(linear);
      assertThat(vcpu.translate(walk)).isZero();
      assertThat(walk.valid()).isEqualTo(1);
      assertThat(walk.physicalAddress()).isEqualTo(linear);
    }
    KvmTranslation last = new KvmTranslation().linearAddress(-1);
    assertThat(vcpu.translate(last)).isZero();
    assertThat(last.valid()).isZero();
  }

  @Test
  void settingRegistersGivesUpAPendingException() {
    KvmVcpuEvents pending = new KvmVcpuEvents().flags(16).exceptionPending(1).exceptionNr(6);
    assertThat(vcpu.setVcpuEvents(pending)).isZero();
    KvmVcpuEvents events = new KvmVcpuEvents();
    assertThat(vcpu.getVcpuEvents(events)).isZero();
    assertThat(events.exceptionPending()).isEqualTo(1);

    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2))).isZero();

    assertThat(vcpu.getVcpuEvents(events)).isZero();
    assertThat(events.exceptionPending()).isZero();
  }

  @Test
  void aProcessorPutAtItsResetVectorRuns() {
    assertThat(vcpu.setMpState(new KvmMpState().mpState(KvmMpState.HALTED))).isZero();
    KvmSregs reset = sregs(vcpu);
    assertThat(vcpu.setRegs(new KvmRegs().rip(0xfff0).rflags(2))).isZero();
    assertThat(vcpu.setSregs(reset)).isZero();

    KvmMpState state = new KvmMpState();
    assertThat(vcpu.getMpState(state)).isZero();
    assertThat(state.mpState()).isEqualTo(KvmMpState.RUNNABLE);
  }

  @Test
  void cr3OfLongModeIsWithinTheGuestsAddresses() {
    KvmCpuid2 list = guest.supportedCpuid();
    int sizes = list.find(0x8000_0008, 0);
    assertThat(vcpu.setCpuid2(list.eax(sizes, 0x3028))).as("40 bits").isZero();
    KvmSregs sregs = sregs(vcpu).cr0(0x8000_0011L).cr4(0x20).efer(0x500);

    assertThat(vcpu.setSregs(sregs.cr3(1L << 40))).isEqualTo(-EINVAL);
    assertThat(vcpu.setSregs(sregs.cr3(1L << 39))).isZero();
    assertThat(vcpu.setSregs(sregs.efer(0).cr3(1L << 40))).as("not in long mode").isZero();
  }

  @Test
  void cpuidFaultsOutsideTheKernelIfTheGuestWantsIt() {
    guest.code(0x1000, "0fa2e680");
    assertThat(vcpu.setSregs(flat(sregs(vcpu), 3).cr0(0x11))).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2 | IOPL_3))).isZero();
    exit(vcpu, KvmExit.IO);

    KvmMsrs fault = new KvmMsrs(1).index(0, FEATURES_ENABLES).data(0, 1);
    assertThat(vcpu.setMsrs(fault)).isEqualTo(1);
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2 | IOPL_3))).isZero();

    exit(vcpu, KvmExit.SHUTDOWN); // #GP without a handler
  }
}
