package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.flat;
import static org.swtdx.kvm.Vcpus.sregs;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmOneReg;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;

/** KVM_GET_ONE_REG and KVM_SET_ONE_REG, and the page-directory pointers of KVM_SET_SREGS2. */
class RegistersByNumberTest {
  private static final int PAT = 0x277;
  private static final long EMPTY_TABLE = 0x1000, DIRECTORY = 0x2000, CODE = 0x3000, DATA = 0x4000;

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm();
  private final KvmVcpu vcpu = guest.vcpu(0);

  private int oneReg(int number, long id, long uaddr) {
    return guest.ioctl(vcpu.fd(), number, new KvmOneReg().id(id).addr(uaddr));
  }

  @Test
  void anMsrIsSetAndReadByNumber() {
    long value = guest.memory.mmap(4096);
    guest.memory.store(value, 8, 0x0007_0406_0007_0406L);
    assertThat(oneReg(KvmIoctl.SET_ONE_REG, KvmOneReg.msr(PAT), value)).isZero();

    assertThat(oneReg(KvmIoctl.GET_ONE_REG, KvmOneReg.msr(PAT), value + 8)).isZero();

    assertThat(guest.memory.load(value + 8, 8)).isEqualTo(0x0007_0406_0007_0406L);
  }

  /** The registers, for KVM_SET_SREGS2 with PDPTEs or without them. */
  private KvmSregs2 paePaging(long flags) {
    KvmSregs common = flat(sregs(vcpu), 0).cr0(0x8000_0011L).cr3(EMPTY_TABLE).cr4(1 << 5);
    KvmSregs2 sregs = new KvmSregs2();
    MemorySegment.copy(common.segment(), 0, sregs.segment(), 0, 280);
    return sregs.flags(flags);
  }

  private int sregs2(int number, KvmSregs2 sregs) {
    return guest.ioctl(vcpu.fd(), number, sregs);
  }

  @Test
  void pagePointersThatAreGivenCountUntilTheGuestLoadsThem() {
    guest.store(DIRECTORY, 8, 0x83);
    guest.store(DATA, 1, 0x5a);
    // mov al,[DATA]; out 0x80,al; mov eax,cr3; mov cr3,eax; out 0x80,al
    guest.code(CODE, "a000400000e6800f20d80f22d8e680");
    KvmSregs2 given = paePaging(KvmSregs2.PDPTRS_VALID).pdptrs(0, DIRECTORY | 1);

    assertThat(sregs2(KvmIoctl.SET_SREGS2, given)).isZero();
    assertThat(vcpu.setRegs(new KvmRegs().rip(CODE).rflags(2))).isZero();
    KvmSregs2 now = new KvmSregs2();
    assertThat(sregs2(KvmIoctl.GET_SREGS2, now)).isZero();
    assertThat(now.flags()).isEqualTo(KvmSregs2.PDPTRS_VALID);
    assertThat(now.pdptrs(0)).isEqualTo(DIRECTORY | 1);
    assertThat(exit(vcpu, KvmExit.IO).ioData8(0)).isEqualTo(0x5a);
    exit(vcpu, KvmExit.SHUTDOWN); // now they are those in memory
  }

  @Test
  void withoutPagePointersThoseInMemoryCount() {
    guest.store(EMPTY_TABLE + 8, 8, DIRECTORY | 1);

    assertThat(sregs2(KvmIoctl.SET_SREGS2, paePaging(0))).isZero();

    KvmSregs2 now = new KvmSregs2();
    assertThat(sregs2(KvmIoctl.GET_SREGS2, now)).isZero();
    assertThat(now.pdptrs(0)).isZero();
    assertThat(now.pdptrs(1)).isEqualTo(DIRECTORY | 1);
  }
}
