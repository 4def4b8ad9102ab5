package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.uapi.Errno.E2BIG;
import static org.swtdx.kvm.uapi.Errno.EBADF;
import static org.swtdx.kvm.uapi.Errno.EEXIST;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;
import static org.swtdx.kvm.uapi.Errno.EIO;
import static org.swtdx.kvm.uapi.Errno.ENOSPC;
import static org.swtdx.kvm.uapi.Errno.ENOTTY;
import static org.swtdx.kvm.uapi.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmCreateGuestMemfd;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMpState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmPreFaultMemory;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVmType;

/**
 * The order rules and error numbers of the TDX ioctls; nothing may be left behind by any of them.
 */
class TdOrderTest {
  @AutoClose private final TestHost machine = new TestHost();
  private TestTd td;

  private int vmCommand(int id, int flags) {
    return td.vm.memoryEncryptOp(KvmTdxCmd.of(id, flags, 0), null);
  }

  // ---- transport ----

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void aHardwareErrorOnEntryIsRefusedBeforeAnythingElse(int id) {
    td = TestTd.bare(machine);

    assertThat(td.vm.memoryEncryptOp(new KvmTdxCmd().id(id).hwError(1), null)).isEqualTo(-EINVAL);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 6, 99, -1})
  void vcpuCommandsAndUnknownOnesAreInvalidOnAVm(int id) {
    td = TestTd.bare(machine);

    assertThat(vmCommand(id, 0)).isEqualTo(-EINVAL);
  }

  @Test
  void ordinaryVmsKnowNoTdxCommands() {
    td = TestTd.bare(machine);
    int fd = td.process.openKvm().createVm(KvmVmType.DEFAULT);
    KvmVm vm = td.process.vm(fd).orElseThrow();
    KvmVcpu vcpu = td.process.vcpu(vm.createVcpu(0)).orElseThrow();

    assertThat(vm.memoryEncryptOp(new KvmTdxCmd(), null)).isEqualTo(-ENOTTY);
    assertThat(vcpu.memoryEncryptOp(new KvmTdxCmd(), null)).isEqualTo(-EINVAL);
  }

  // ---- CAPABILITIES ----

  @Test
  void capabilitiesNeedRoomForEveryEntryAndLeaveTheListAloneOtherwise() {
    td = TestTd.bare(machine);
    KvmTdxCapabilities small = KvmTdxCapabilities.withCapacity(8);
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0);

    assertThat(td.vm.memoryEncryptOp(cmd, small)).isEqualTo(-E2BIG);
    assertThat(small.cpuid().nent()).isEqualTo(8);
    assertThat(small.supportedAttrs()).isZero();
    assertThat(td.vm.memoryEncryptOp(cmd, null)).isEqualTo(-EFAULT);
    assertThat(vmCommand(KvmTdx.CAPABILITIES, 1)).isEqualTo(-EINVAL);
  }

  @Test
  void capabilitiesReportWhatKvmLetsATdHave() {
    td = TestTd.bare(machine);
    KvmTdxCapabilities caps = KvmTdxCapabilities.withCapacity(64);

    assertThat(td.vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), caps)).isZero();

    assertThat(caps.supportedAttrs()).isEqualTo(0x1000_0000);
    assertThat(caps.supportedXfam() & 3).isEqualTo(3);
    assertThat(caps.userTdvmcallinfo1R11()).isEqualTo(2);
    assertThat(caps.kernelTdvmcallinfo1R11()).isZero();
    int sizes = caps.cpuid().find(0x8000_0008, 0);
    assertThat(caps.cpuid().eax(sizes) >>> 16 & 0xff).isEqualTo(0xff);
    int seven = caps.cpuid().find(7, 0);
    assertThat(caps.cpuid().ebx(seven) & (1 << 4 | 1 << 11)).as("TSX").isZero();
    assertThat(caps.cpuid().ecx(seven) & 1 << 5).as("WAITPKG").isZero();
  }

  // ---- INIT_VM ----

  private int init(Consumer<KvmTdxInitVm> change) {
    KvmTdxInitVm init = TestTd.initVm();
    change.accept(init);
    return td.initVm(init);
  }

  @Test
  void initVmRefusesWhatKvmDoesNotSupport() {
    td = TestTd.bare(machine);

    assertThat(init(i -> i.attributes(1))).as("DEBUG").isEqualTo(-EINVAL);
    assertThat(init(i -> i.attributes(1L << 63))).as("PERFMON").isEqualTo(-EINVAL);
    assertThat(init(i -> i.xfam(1L << 20))).as("unknown XFAM").isEqualTo(-EINVAL);
    assertThat(init(i -> i.reserved(11, 1))).as("reserved").isEqualTo(-EINVAL);
    assertThat(init(i -> i.cpuid().padding(1))).as("padding").isEqualTo(-EINVAL);
    assertThat(init(i -> i.cpuid().nent(257))).as("too many entries").isEqualTo(-E2BIG);
    assertThat(init(i -> i.cpuid().nent(2))).as("list not readable").isEqualTo(-EFAULT);
    assertThat(init(i -> i.cpuid().nent(0))).as("no 0x80000008").isEqualTo(-EINVAL);
    assertThat(init(i -> i.cpuid().eax(0, 47 << 16))).as("GPAW").isEqualTo(-EINVAL);
    assertThat(vmCommand(KvmTdx.INIT_VM, 1)).as("flags").isEqualTo(-EINVAL);
    assertThat(vmCommand(KvmTdx.INIT_VM, 0)).as("no structure").isEqualTo(-EFAULT);
  }

  @Test
  void initVmRefusesEntriesThatTheModuleCannotConfigure() {
    td = TestTd.bare(machine);
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(2);
    init.cpuid().entry(0, 0x8000_0008, 0, 0, 48 << 16, 0, 0, 0);
    init.cpuid().entry(1, 0x16, 0, 0, 0, 0, 0, 0);

    assertThat(td.initVm(init)).as("leaf 0x16").isEqualTo(-EINVAL);
    init.cpuid().entry(1, 7, 0, 1, 0, 1 << 11, 0, 0);
    assertThat(td.initVm(init)).as("TSX").isEqualTo(-EINVAL);
    init.cpuid().entry(1, 7, 0, 1, 0, 0, 1 << 5, 0);
    assertThat(td.initVm(init)).as("WAITPKG").isEqualTo(-EINVAL);
  }

  @Test
  void aModuleRefusalIsReportedAsHardwareErrorAndInitVmCanBeRepeated() {
    td = TestTd.bare(machine);
    td.vm.setTscKhz(10_000_000 + 1_000_000);
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0);

    assertThat(td.vm.memoryEncryptOp(cmd, TestTd.initVm())).isEqualTo(-EINVAL);
    assertThat(cmd.hwError() >>> 32).as("TDX_OPERAND_INVALID").isEqualTo(0xc000_0100L);
    assertThat((int) cmd.hwError()).as("TSC_FREQUENCY").isEqualTo(70);
    assertThat(machine.host.outstandingKeyIds()).isZero();
    assertThat(td.vm.setTscKhz(0)).isZero();
    assertThat(td.initVm(TestTd.initVm())).isZero();
    assertThat(td.initVm(TestTd.initVm())).as("twice").isEqualTo(-EINVAL);
  }

  @Test
  void initVmFailsWithoutAFreeKeyId() {
    List<TestTd> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(TestTd.initialized(machine, 0));
    }
    td = TestTd.bare(machine);

    assertThat(td.initVm(TestTd.initVm())).isEqualTo(-ENOSPC);
    others.removeLast().process.exit();
    assertThat(td.initVm(TestTd.initVm())).isZero();
  }

  // ---- vCPUs ----

  @Test
  void vcpusNeedAnInitializedTdAndTheSplitIrqchip() {
    td = TestTd.bare(machine);

    assertThat(td.vm.createVcpu(0)).as("before INIT_VM").isEqualTo(-EIO);
    assertThat(td.initVm(TestTd.initVm())).isZero();
    assertThat(td.vm.createVcpu(0)).as("without split irqchip").isEqualTo(-EINVAL);
    assertThat(td.vm.createIrqchip()).isEqualTo(-ENOTTY);
    assertThat(td.splitIrqchip()).isZero();
    assertThat(td.splitIrqchip()).as("twice").isEqualTo(-EEXIST);
    assertThat(td.vm.createVcpu(0)).isPositive();
    assertThat(td.vm.createVcpu(0)).as("same id").isEqualTo(-EEXIST);
    assertThat(td.vm.createVcpu(1)).isPositive();
    assertThat(td.vm.createVcpu(2)).as("more than processors").isEqualTo(-EINVAL);
    assertThat(td.vm.checkExtension(KvmCap.MAX_VCPUS)).isEqualTo(2);
  }

  @Test
  void initVcpuNeedsX2ApicInTheVcpusCpuid() {
    td = TestTd.initialized(machine, 0);
    KvmVcpu vcpu = td.process.vcpu(td.vm.createVcpu(0)).orElseThrow();
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, 0);

    assertThat(vcpu.memoryEncryptOp(cmd, null)).as("no CPUID").isEqualTo(-EINVAL);
    KvmCpuid2 cpuid = new KvmCpuid2(1);
    cpuid.entry(0, 1, 0, 0, 0, 0, 1 << 21, 0);
    assertThat(vcpu.setCpuid2(cpuid)).isZero();
    assertThat(vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 1, 0), null))
        .as("flags")
        .isEqualTo(-EINVAL);
    assertThat(vcpu.run()).as("KVM_RUN before INIT_VCPU").isEqualTo(-EINVAL);
    assertThat(vcpu.memoryEncryptOp(cmd, null)).isZero();
    assertThat(vcpu.memoryEncryptOp(cmd, null)).as("twice").isEqualTo(-EINVAL);
    assertThat(vcpu.run()).as("KVM_RUN before FINALIZE_VM").isEqualTo(-EINVAL);
    KvmMpState state = new KvmMpState();
    assertThat(vcpu.getMpState(state)).isZero();
    assertThat(state.mpState()).isEqualTo(KvmMpState.RUNNABLE);
  }

  @Test
  void protectedStateCannotBeReadOrWritten() {
    td = TestTd.withVcpu(machine, 0);
    KvmVcpu v = td.vcpu;

    assertThat(v.getRegs(new KvmRegs())).isEqualTo(-EINVAL);
    assertThat(v.setRegs(new KvmRegs())).isEqualTo(-EINVAL);
    assertThat(v.getSregs(new KvmSregs())).isEqualTo(-EINVAL);
    assertThat(v.setSregs(new KvmSregs())).isEqualTo(-EINVAL);
    assertThat(v.getFpu(new KvmFpu())).isEqualTo(-EINVAL);
    assertThat(v.getLapic(new KvmLapicState())).isEqualTo(-EINVAL);
    assertThat(v.setLapic(new KvmLapicState())).isEqualTo(-EINVAL);
    assertThat(v.setTscKhz(1_000_000)).isEqualTo(-EINVAL);
    assertThat(v.getTscKhz()).isEqualTo(1_000_000);
    v.kvmRun().validRegs(1);
    assertThat(v.run()).isEqualTo(-EINVAL);
    v.kvmRun().validRegs(0);
  }

  @Test
  void onlyEmulatedMsrsAreAccessible() {
    td = TestTd.withVcpu(machine, 0);
    KvmMsrs msrs = new KvmMsrs(3);
    msrs.index(0, 0x1a0).index(1, 0xc000_0081).index(2, 0x1a0);

    assertThat(td.vcpu.getMsrs(msrs)).as("stops at STAR").isEqualTo(1);
    assertThat(msrs.data(0)).isEqualTo(0x1800);
    msrs.index(0, 0x10a).data(0, 4).index(1, 0xc000_0080);
    assertThat(td.vcpu.setMsrs(msrs)).as("EFER is read-only").isEqualTo(1);
  }

  // ---- INIT_MEM_REGION ----

  private int add(long source, long gpa, long pages, int flags) {
    return td.addRegion(td.region(source, gpa, pages), flags);
  }

  @Test
  void memoryRegionsAreCheckedBeforeTheyAreAdded() {
    td = TestTd.withVcpu(machine, 0);
    long source = td.memory.mmap(0x4000);

    assertThat(add(0, 0, 1, 0)).as("no source").isEqualTo(-EINVAL);
    assertThat(add(source + 1, 0, 1, 0)).as("unaligned source").isEqualTo(-EINVAL);
    assertThat(add(source, 1, 1, 0)).as("unaligned gpa").isEqualTo(-EINVAL);
    assertThat(add(source, 0, 0, 0)).as("no pages").isEqualTo(-EINVAL);
    assertThat(add(source, -4096, 2, 0)).as("wraps").isEqualTo(-EINVAL);
    assertThat(add(source, TestTd.SHARED, 1, 0)).as("shared").isEqualTo(-EINVAL);
    assertThat(add(source, TestTd.SHARED - 4096, 2, 0)).as("shared end").isEqualTo(-EINVAL);
    assertThat(add(source, 0, 1, 2)).as("flags").isEqualTo(-EINVAL);
    assertThat(add(source, 0x4000_0000, 1, 0)).as("no slot").isEqualTo(-EINVAL);
    assertThat(td.addRegion(null, 0)).as("no structure").isEqualTo(-EFAULT);
    assertThat(add(0x1000, 0, 1, 0)).as("source not mapped").isEqualTo(-EFAULT);
    assertThat(td.attributes(0, 0x1000, 0)).isZero();
    assertThat(add(source, 0, 1, 0)).as("not private").isEqualTo(-EINVAL);
  }

  @Test
  void progressIsWrittenBackOnSuccessAndOnError() {
    td = TestTd.withVcpu(machine, 0);
    long source = td.memory.mmap(0x2000);
    KvmTdxInitMemRegion region = td.region(source, 0x1000, 3);

    assertThat(td.addRegion(region, 1)).as("third source page is missing").isEqualTo(-EFAULT);
    assertThat(region.nrPages()).isEqualTo(1);
    assertThat(region.gpa()).isEqualTo(0x3000);
    assertThat(region.sourceAddr()).isEqualTo(source + 0x2000);
    assertThat(add(source, 0x3000, 1, 0)).isZero();
  }

  @Test
  void nothingCanBeAddedAfterFinalize() {
    td = TestTd.withVcpu(machine, 0);
    long source = td.memory.mmap(0x1000);
    assertThat(add(source, 0, 1, 1)).isZero();

    assertThat(td.finalizeTd()).isZero();

    assertThat(td.finalizeTd()).as("twice").isEqualTo(-EINVAL);
    assertThat(add(source, 0x1000, 1, 1)).isEqualTo(-EINVAL);
    assertThat(td.vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.GET_CPUID, 0, 0), new KvmCpuid2(100)))
        .isEqualTo(-EINVAL);
  }

  @Test
  void finalizeNeedsAnInitializedTd() {
    td = TestTd.bare(machine);

    assertThat(td.finalizeTd()).isEqualTo(-EINVAL);
  }

  // ---- GET_CPUID, PRE_FAULT_MEMORY ----

  @Test
  void cpuidOfTheTdNeedsRoomAndSaysHowMuch() {
    td = TestTd.withVcpu(machine, 0);
    KvmCpuid2 cpuid = new KvmCpuid2(4);
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmTdx.GET_CPUID, 0, 0);

    assertThat(td.vcpu.memoryEncryptOp(cmd, cpuid)).isEqualTo(-E2BIG);
    assertThat(cpuid.nent()).isBetween(5, 100);
    KvmCpuid2 all = new KvmCpuid2(cpuid.nent());
    assertThat(td.vcpu.memoryEncryptOp(cmd, all)).isZero();
    assertThat(all.eax(all.find(0x8000_0008, 0)) >>> 16 & 0xff).isEqualTo(48);
    assertThat(all.ecx(all.find(1, 0)) >>> 21 & 1).as("x2APIC").isEqualTo(1);
  }

  @Test
  void preFaultingWorksFromFinalizeOn() {
    td = TestTd.withVcpu(machine, 0);
    KvmPreFaultMemory range = new KvmPreFaultMemory().gpa(0x10_0000).size(0x3000);

    assertThat(td.vcpu.preFaultMemory(range)).isEqualTo(-EOPNOTSUPP);
    td.start();
    assertThat(td.vcpu.preFaultMemory(range)).isZero();
    assertThat(range.size()).isZero();
    assertThat(range.gpa()).isEqualTo(0x10_3000);
    assertThat(td.ram.residentBytes()).isEqualTo((16 + 3) * 4096);
    range.gpa(TestTd.SHARED).size(0x1000);
    assertThat(td.vcpu.preFaultMemory(range)).isEqualTo(-EINVAL);
  }

  // ---- memory slots, guest_memfd, attributes ----

  private int file(long size, long flags) {
    return td.vm.createGuestMemfd(new KvmCreateGuestMemfd().size(size).flags(flags));
  }

  @Test
  void guestMemfdRulesAreKept() {
    td = TestTd.bare(machine);

    assertThat(file(0, 0)).isEqualTo(-EINVAL);
    assertThat(file(100, 0)).isEqualTo(-EINVAL);
    assertThat(file(-4096, 0)).isEqualTo(-EINVAL);
    assertThat(file(4096, 8)).isEqualTo(-EINVAL);
    GuestMemfd file = td.file(0x4000);
    assertThat(file.fallocate(0, 0, 4096)).as("without KEEP_SIZE").isEqualTo(-EOPNOTSUPP);
    assertThat(file.fallocate(8, 0, 4096)).as("COLLAPSE_RANGE").isEqualTo(-EOPNOTSUPP);
    assertThat(file.fallocate(1, 1, 4096)).as("unaligned").isEqualTo(-EINVAL);
    assertThat(file.fallocate(1, 0x3000, 0x2000)).as("past the end").isEqualTo(-EINVAL);
    assertThat(file.fallocate(1, 0x1000, 0x2000)).isZero();
    assertThat(file.residentBytes()).isEqualTo(0x2000);
    assertThat(file.fallocate(3, 0, 0x2000)).isZero();
    assertThat(file.residentBytes()).isEqualTo(0x1000);
  }

  @Test
  void slotRulesAreKept() {
    td = TestTd.bare(machine);
    TestTd other = TestTd.bare(machine);
    GuestMemfd file = td.file(0x4000);
    long ua = td.memory.mmap(0x4000);
    KvmUserspaceMemoryRegion2 readOnly =
        new KvmUserspaceMemoryRegion2().flags(2).memorySize(4096).userspaceAddr(ua);
    KvmUserspaceMemoryRegion2 badFd =
        new KvmUserspaceMemoryRegion2().flags(4).memorySize(4096).userspaceAddr(ua);

    assertThat(td.vm.setUserMemoryRegion2(readOnly)).as("READONLY").isEqualTo(-EINVAL);
    assertThat(td.vm.setUserMemoryRegion2(badFd.guestMemfd(77))).isEqualTo(-EBADF);
    assertThat(td.vm.setUserMemoryRegion2(badFd.guestMemfd(td.vm.fd()))).isEqualTo(-EINVAL);
    assertThat(other.vm.setUserMemoryRegion2(badFd.guestMemfd(file.fd()))).isNegative();
    assertThat(td.slot(0, 0, 0x5000, ua, file)).as("larger than the file").isEqualTo(-EINVAL);
    assertThat(td.slot(0, 0, 0x4000, ua, file)).isZero();
    assertThat(td.slot(0, 0, 0x2000, ua, file)).as("immutable").isEqualTo(-EINVAL);
    assertThat(td.slot(1, 0x3000, 0x1000, ua, td.file(4096))).as("overlap").isEqualTo(-EEXIST);
    assertThat(td.slot(1, 0x8000, 0x1000, ua, file)).as("bound twice").isEqualTo(-EEXIST);
    assertThat(td.slot(0, 0, 0, ua, file)).as("delete").isZero();
    assertThat(td.slot(0, 0, 0, ua, file)).as("delete twice").isEqualTo(-EINVAL);
  }

  @Test
  void attributeRulesAreKept() {
    td = TestTd.bare(machine);

    assertThat(td.attributes(0, 0x1000, 8)).isZero();
    assertThat(td.attributes(0, 0x1000, 1)).isEqualTo(-EINVAL);
    assertThat(td.attributes(0, 0, 8)).isEqualTo(-EINVAL);
    assertThat(td.attributes(1, 0x1000, 8)).isEqualTo(-EINVAL);
    assertThat(td.attributes(-4096, 8192, 8)).isEqualTo(-EINVAL);
    assertThat(td.vm.setMemoryAttributes(new KvmMemoryAttributes().size(4096).flags(1)))
        .isEqualTo(-EINVAL);
  }

  @Test
  void capabilitiesDifferBetweenTdsAndOrdinaryVms() {
    td = TestTd.bare(machine);
    Kvm kvm = td.process.openKvm();
    KvmVm ordinary = td.process.vm(kvm.createVm(KvmVmType.DEFAULT)).orElseThrow();

    assertThat(kvm.getApiVersion()).isEqualTo(12);
    assertThat(kvm.checkExtension(KvmCap.VM_TYPES)).isEqualTo(0x23);
    assertThat(kvm.checkExtension(KvmCap.MEMORY_ATTRIBUTES)).isEqualTo(8);
    assertThat(td.vm.checkExtension(KvmCap.MEMORY_ATTRIBUTES)).isEqualTo(8);
    assertThat(ordinary.checkExtension(KvmCap.MEMORY_ATTRIBUTES)).isZero();
    assertThat(td.vm.checkExtension(KvmCap.READONLY_MEM)).isZero();
    assertThat(ordinary.checkExtension(KvmCap.READONLY_MEM)).isEqualTo(1);
    assertThat(td.vm.checkExtension(KvmCap.EXIT_HYPERCALL)).isEqualTo(0x1000);
    assertThat(td.vm.checkExtension(KvmCap.X86_SMM)).isZero();
    assertThat(kvm.checkExtension(KvmCap.MAX_VCPUS)).isEqualTo(1024);
    assertThat(td.vm.enableCap(KvmEnableCap.of(KvmCap.EXIT_HYPERCALL, 2))).isEqualTo(-EINVAL);
    assertThat(kvm.createVm(2)).as("SEV").isEqualTo(-EINVAL);
    assertThat(kvm.createVm(6)).isEqualTo(-EINVAL);
    assertThat(td.vm.setTscKhz(-1)).as("beyond every processor").isEqualTo(-EINVAL);
  }
}
