package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/** What setting registers of ordinary vCPUs does beside, and what it refuses. */
class RegisterRulesTest {
  private static final int VECTOR = 0x31;
  private static final int FEATURES_ENABLES = 0x140;
  private static final int IOPL_3 = 3 << 12;

  private TestHost machine;
  private VmmProcess process;
  private Kvm kvm;
  private KvmVm vm;
  private KvmVcpu vcpu;
  private long ram;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.host.newProcess();
    kvm = process.openKvm();
    vm = process.vm(kvm.createVm(0)).orElseThrow();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24))).isZero();
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.EXCEPTION_PAYLOAD, 1))).isZero();
    ram = process.memory().mmap(0x10000);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x10000).userspaceAddr(ram)))
        .isZero();
    vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private void code(long at, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    process.memory().write(ram + at, bytes, 0, bytes.length);
  }

  private KvmSregs sregs() {
    KvmSregs sregs = new KvmSregs();
    assertThat(vcpu.getSregs(sregs)).isZero();
    return sregs;
  }

  private int exit() {
    assertThat(vcpu.run()).isZero();
    return vcpu.kvmRun().exitReason();
  }

  @Test
  void anInterruptThatWasBeingDeliveredMovesWithTheRegisters() {
    code(0x1000, "e680");
    code(0x2000, "e681"); // its handler
    process.memory().store(ram + 4 * VECTOR, 4, 0x2000);
    KvmSregs sregs = sregs().selector(KvmSregs.CS, 0).base(KvmSregs.CS, 0);
    assertThat(vcpu.setSregs(sregs.interruptBitmap(0, 1L << VECTOR))).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(0x202).rsp(0x8000))).isZero();

    assertThat(sregs().interruptBitmap(0)).isEqualTo(1L << VECTOR);
    KvmVcpuEvents events = new KvmVcpuEvents();
    assertThat(vcpu.getVcpuEvents(events)).isZero();
    assertThat(events.interruptInjected()).isEqualTo(1);
    assertThat(events.interruptNr()).isEqualTo(VECTOR);
    assertThat(exit()).isEqualTo(KvmExit.IO);
    assertThat(vcpu.kvmRun().ioPort()).isEqualTo(0x81);
    assertThat(sregs().interruptBitmap(0)).isZero();
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
    KvmSregs reset = sregs();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0xfff0).rflags(2))).isZero();
    assertThat(vcpu.setSregs(reset)).isZero();

    KvmMpState state = new KvmMpState();
    assertThat(vcpu.getMpState(state)).isZero();
    assertThat(state.mpState()).isEqualTo(KvmMpState.RUNNABLE);
  }

  @Test
  void cr3OfLongModeIsWithinTheGuestsAddresses() {
    KvmCpuid2 list = new KvmCpuid2(100);
    assertThat(kvm.getSupportedCpuid(list)).isZero();
    int sizes = list.find(0x8000_0008, 0);
    assertThat(vcpu.setCpuid2(list.eax(sizes, 0x3028))).as("40 bits").isZero();
    KvmSregs sregs = sregs().cr0(0x8000_0011L).cr4(0x20).efer(0x500);

    assertThat(vcpu.setSregs(sregs.cr3(1L << 40))).isEqualTo(-EINVAL);
    assertThat(vcpu.setSregs(sregs.cr3(1L << 39))).isZero();
    assertThat(vcpu.setSregs(sregs.efer(0).cr3(1L << 40))).as("not in long mode").isZero();
  }

  @Test
  void cpuidFaultsOutsideTheKernelIfTheGuestWantsIt() {
    code(0x1000, "0fa2e680");
    KvmSregs sregs = sregs().cr0(0x11);
    for (int segment = 0; segment < 6; segment++) {
      sregs.base(segment, 0).limit(segment, -1).selector(segment, 11).dpl(segment, 3);
      sregs.s(segment, 1).present(segment, 1).type(segment, segment == 0 ? 11 : 3);
      sregs.db(segment, 1).g(segment, 1);
    }
    assertThat(vcpu.setSregs(sregs)).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2 | IOPL_3))).isZero();
    assertThat(exit()).isEqualTo(KvmExit.IO);

    KvmMsrs fault = new KvmMsrs(1).index(0, FEATURES_ENABLES).data(0, 1);
    assertThat(vcpu.setMsrs(fault)).isEqualTo(1);
    assertThat(vcpu.setRegs(new KvmRegs().rip(0x1000).rflags(2 | IOPL_3))).isZero();

    assertThat(exit()).as("#GP without a handler").isEqualTo(KvmExit.SHUTDOWN);
  }
}
