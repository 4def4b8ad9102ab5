package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmOneReg;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion;
import org.swtdx.kvm.uapi.KvmVmType;

/** KVM_GET_ONE_REG and KVM_SET_ONE_REG, and the page-directory pointers of KVM_SET_SREGS2. */
class RegistersByNumberTest {
  private static final int PAT = 0x277;
  private static final long EMPTY_TABLE = 0x1000, DIRECTORY = 0x2000, CODE = 0x3000, DATA = 0x4000;

  private TestHost machine;
  private VmmProcess process;
  private KvmVcpu vcpu;
  private long ram;

  @BeforeEach
  void switchOn() {
    machine = new TestHost();
    process = machine.host.newProcess();
    KvmVm vm = process.vm(process.openKvm().createVm(KvmVmType.DEFAULT)).orElseThrow();
    vcpu = process.vcpu(vm.createVcpu(0)).orElseThrow();
    ram = process.memory().mmap(0x10000);
    assertThat(
            vm.setUserMemoryRegion(
                new KvmUserspaceMemoryRegion().memorySize(0x10000).userspaceAddr(ram)))
        .isZero();
  }

  @AfterEach
  void everythingIsGivenBack() {
    process.exit();
    assertThat(machine.host.outstandingFrames()).isZero();
    machine.close();
  }

  private int oneReg(int number, long id, long value) {
    long at = process.memory().mmap(4096);
    process.memory().store(at, 8, id);
    process.memory().store(at + 8, 8, value);
    return process.ioctl(vcpu.fd(), number, at);
  }

  @Test
  void anMsrIsSetAndReadByNumber() {
    long value = process.memory().mmap(4096);
    process.memory().store(value, 8, 0x0007_0406_0007_0406L);
    assertThat(oneReg(KvmIoctl.SET_ONE_REG, KvmOneReg.msr(PAT), value)).isZero();

    assertThat(oneReg(KvmIoctl.GET_ONE_REG, KvmOneReg.msr(PAT), value + 8)).isZero();

    assertThat(process.memory().load(value + 8, 8)).isEqualTo(0x0007_0406_0007_0406L);
  }

  /** The registers, for KVM_SET_SREGS2 with PDPTEs or without them. */
  private KvmSregs2 paePaging(long flags) {
    KvmSregs common = new KvmSregs();
    assertThat(vcpu.getSregs(common)).isZero();
    common.cr0(0x8000_0011L).cr3(EMPTY_TABLE).cr4(1 << 5);
    for (int segment = 0; segment < 6; segment++) {
      common.base(segment, 0).limit(segment, -1).selector(segment, 8).g(segment, 1).db(segment, 1);
      common.s(segment, 1).present(segment, 1).type(segment, segment == 0 ? 11 : 3);
    }
    KvmSregs2 sregs = new KvmSregs2();
    MemorySegment.copy(common.segment(), 0, sregs.segment(), 0, 280);
    return sregs.flags(flags);
  }

  private int sregs2(int number, KvmSregs2 sregs) {
    MemorySegment segment = sregs.segment();
    byte[] bytes = segment.toArray(ValueLayout.JAVA_BYTE);
    long at = process.memory().mmap(4096);
    process.memory().write(at, bytes, 0, bytes.length);
    int result = process.ioctl(vcpu.fd(), number, at);
    process.memory().read(at, bytes, 0, bytes.length);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, 0, bytes.length);
    return result;
  }

  @Test
  void pagePointersThatAreGivenCountUntilTheGuestLoadsThem() {
    process.memory().store(ram + DIRECTORY, 8, 0x83);
    process.memory().store(ram + DATA, 1, 0x5a);
    // mov al,[DATA]; out 0x80,al; mov eax,cr3; mov cr3,eax; out 0x80,al
    byte[] code = HexFormat.of().parseHex("a000400000e6800f20d80f22d8e680");
    process.memory().write(ram + CODE, code, 0, code.length);
    KvmSregs2 given = paePaging(KvmSregs2.PDPTRS_VALID).pdptrs(0, DIRECTORY | 1);

    assertThat(sregs2(KvmIoctl.SET_SREGS2, given)).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(CODE).rflags(2))).isZero();
    KvmSregs2 now = new KvmSregs2();
    assertThat(sregs2(KvmIoctl.GET_SREGS2, now)).isZero();
    assertThat(now.flags()).isEqualTo(KvmSregs2.PDPTRS_VALID);
    assertThat(now.pdptrs(0)).isEqualTo(DIRECTORY | 1);
    assertThat(exit()).isEqualTo(KvmExit.IO);
    assertThat(vcpu.kvmRun().ioData8(0)).isEqualTo(0x5a);
    assertThat(exit()).isEqualTo(KvmExit.SHUTDOWN); // now they are those in memory
  }

  @Test
  void withoutPagePointersThoseInMemoryCount() {
    process.memory().store(ram + EMPTY_TABLE + 8, 8, DIRECTORY | 1);

    assertThat(sregs2(KvmIoctl.SET_SREGS2, paePaging(0))).isZero();

    KvmSregs2 now = new KvmSregs2();
    assertThat(sregs2(KvmIoctl.GET_SREGS2, now)).isZero();
    assertThat(now.pdptrs(0)).isZero();
    assertThat(now.pdptrs(1)).isEqualTo(DIRECTORY | 1);
  }

  private int exit() {
    assertThat(vcpu.run()).isZero();
    return vcpu.kvmRun().exitReason();
  }
}
