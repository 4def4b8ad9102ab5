package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.msr;
import static org.swtdx.kvm.Vcpus.regs;
import static org.swtdx.kvm.Vcpus.setMsr;
import static org.swtdx.kvm.Vcpus.sregs;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmDebugExit;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmGuestDebug;
import org.swtdx.kvm.uapi.KvmIoctl;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmUserspaceMemoryRegion2;
import org.swtdx.kvm.uapi.KvmVcpuEvents;

/** What clients ask of ordinary VMs beyond running them, with guest code that shows it. */
class VmxClientTest {
  private static final int PIO = 2;
  private static final int TSC = 0x10;

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm();
  private final VmmProcess process = guest.process;
  private final KvmVm vm = guest.vm;
  private final int fd = vm.fd();
  private final long page = guest.memory.mmap(0x1000);

  /** A vCPU in front of 16-bit code. */
  private KvmVcpu start(String code) {
    return guest.code(0x1000, code).vcpuAt(0, 0x1000);
  }

  private void logDirtyPages() {
    guest.slot(0, 0, OrdinaryVm.RAM_SIZE, guest.ram, KvmUserspaceMemoryRegion2.LOG_DIRTY_PAGES);
  }

  private int ioeventfd(long address, int length, int eventfd, int flags) {
    return guest.ioctl(
        fd,
        KvmIoctl.IOEVENTFD,
        new org.swtdx.kvm.uapi.KvmIoeventfd().addr(address).len(length).fd(eventfd).flags(flags));
  }

  @Test
  void filteredMsrsLeaveToUserSpace() {
    guest.enable(KvmCap.X86_USER_SPACE_MSR, 7);
    var filter = new org.swtdx.kvm.uapi.KvmMsrFilter();
    filter.rangeFlags(0, 3).nmsrs(0, 1).base(0, 0x174).bitmap(0, page);
    assertThat(guest.ioctl(fd, KvmIoctl.X86_SET_MSR_FILTER, filter)).isZero();
    // mov ecx,0x174; rdmsr; out 0x80,eax; wrmsr; mov ecx,0xdead; rdmsr
    KvmVcpu vcpu = start("66b974010000" + "0f32" + "66e780" + "0f30" + "66b9adde0000" + "0f32");

    KvmRun run = exit(vcpu, KvmExit.X86_RDMSR);
    assertThat(run.msrIndex()).isEqualTo(0x174);
    assertThat(run.msrReason()).isEqualTo(VmOptions.MSR_FILTER);
    run.msrData(0x1_2345_6789L);
    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).isEqualTo(0x2345_6789);
    run = exit(vcpu, KvmExit.X86_WRMSR);
    assertThat(run.msrData()).isEqualTo(0x1_2345_6789L);
    run = exit(vcpu, KvmExit.X86_RDMSR);
    assertThat(run.msrReason()).isEqualTo(VmOptions.MSR_UNKNOWN);
  }

  @Test
  void writesToAnEventfdsAddressDoNotLeave() {
    int eventfd = process.eventfd();
    assertThat(ioeventfd(0x80, 1, eventfd, PIO)).isZero();
    assertThat(ioeventfd(0x80, 1, eventfd, PIO)).isEqualTo(-Errno.EEXIST);
    assertThat(ioeventfd(0xa0010, 2, eventfd, 0)).isZero();
    // mov ax,0xa000; mov ds,ax; out 0x80,al; mov [0x10],ax; mov [0x12],ax; out 0x81,al
    KvmVcpu vcpu = start("b800a0" + "8ed8" + "e680" + "a31000" + "a31200" + "e681");

    KvmRun run = exit(vcpu, KvmExit.MMIO);

    assertThat(run.mmioPhysAddr()).isEqualTo(0xa0012);
    assertThat(process.eventCounter(eventfd).orElseThrow().take()).isEqualTo(2);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x81);
    assertThat(ioeventfd(0x80, 1, eventfd, PIO | 4)).isZero();
  }

  @Test
  void coalescedWritesGoToTheRing() {
    var zone = new org.swtdx.kvm.uapi.KvmCoalescedMmioZone().addr(0x80).size(1).pio(1);
    assertThat(guest.ioctl(fd, KvmIoctl.REGISTER_COALESCED_MMIO, zone)).isZero();
    // mov al,5; out 0x80,al; inc al; out 0x80,al; out 0x81,al
    KvmVcpu vcpu = start("b005" + "e680" + "fec0" + "e680" + "e681");

    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x81);

    MemorySegment ring = vcpu.kvmRun().segment().asSlice(CoalescedRing.OFFSET);
    ValueLayout.OfInt u32 = ValueLayout.JAVA_INT_UNALIGNED;
    assertThat(ring.get(u32, 4)).isEqualTo(2);
    assertThat(ring.get(u32, 8)).isEqualTo(0x80);
    assertThat(ring.get(u32, 8 + 12)).as("a port").isEqualTo(1);
    assertThat(ring.get(ValueLayout.JAVA_BYTE, 8 + 16)).isEqualTo((byte) 5);
    assertThat(ring.get(ValueLayout.JAVA_BYTE, 32 + 16)).isEqualTo((byte) 6);
  }

  @Test
  void anEventfdRaisesAnInterrupt() {
    guest.irqchip();
    int eventfd = process.eventfd();
    var irqfd = new org.swtdx.kvm.uapi.KvmIrqfd().fd(eventfd).gsi(5);
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd)).isZero();
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd)).isEqualTo(-Errno.EBUSY);
    // 8259s: vectors from 8 on, all unmasked; sti; hlt; out 0x81,al -- handler: out 0x82,al
    String init = "b011e620" + "b008e621" + "b004e621" + "b001e621" + "b000e621";
    KvmVcpu vcpu = start(init + "fb" + "e680" + "f4" + "e681");
    guest.code(0x2000, "e682");
    guest.store(4 * 13, 4, 0x2000);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x80);

    process.eventFd(eventfd).signal();

    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x82);
  }

  @Test
  void anEventfdRaisesInterruptsOfOneVmOnly() {
    guest.irqchip();
    int eventfd = process.eventfd();
    var irqfd = new org.swtdx.kvm.uapi.KvmIrqfd().fd(eventfd).gsi(5);
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd)).isZero();
    int other = process.openKvm().createVm(0);
    assertThat(process.vm(other).orElseThrow().createIrqchip()).isZero();

    assertThat(guest.ioctl(other, KvmIoctl.IRQFD, irqfd)).isEqualTo(-Errno.EBUSY);
    assertThat(guest.ioctl(other, KvmIoctl.IRQFD, irqfd.flags(1))).as("deassign").isZero();
    assertThat(guest.ioctl(other, KvmIoctl.IRQFD, irqfd.flags(0))).isEqualTo(-Errno.EBUSY);
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd.gsi(6).flags(1))).as("another GSI's").isZero();
    assertThat(guest.ioctl(other, KvmIoctl.IRQFD, irqfd.flags(0))).isEqualTo(-Errno.EBUSY);
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd.gsi(5).flags(1))).isZero();
    assertThat(guest.ioctl(other, KvmIoctl.IRQFD, irqfd.flags(0))).isZero();
    assertThat(process.close(other)).isZero();
    assertThat(guest.ioctl(fd, KvmIoctl.IRQFD, irqfd)).as("that VM ended").isZero();
  }

  @Test
  void theDirtyLogTellsPagesOnce() {
    logDirtyPages();
    // mov ax,[0x3000]; mov [0x4000],ax; mov [0x6000],ax; out; mov [0x4000],ax; out
    KvmVcpu vcpu = start("a10030" + "a30040" + "a30060" + "e680" + "a30040" + "e680" + "e680");
    var log = new org.swtdx.kvm.uapi.KvmDirtyLog().dirtyBitmap(page);
    exit(vcpu, KvmExit.IO);

    assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(guest.memory.load(page, 8)).isEqualTo(1 << 4 | 1 << 6);
    exit(vcpu, KvmExit.IO);
    assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(guest.memory.load(page, 8)).isEqualTo(1 << 4);
    assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(guest.memory.load(page, 8)).isZero();
  }

  @Test
  void manualProtectionKeepsBitsUntilTheyAreCleared() {
    guest.enable(KvmCap.MANUAL_DIRTY_LOG_PROTECT2, 1);
    logDirtyPages();
    KvmVcpu vcpu = start("a30040" + "e680" + "a30040" + "e680");
    exit(vcpu, KvmExit.IO);
    var log = new org.swtdx.kvm.uapi.KvmDirtyLog().dirtyBitmap(page);
    for (int i = 0; i < 2; i++) {
      assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
      assertThat(guest.memory.load(page, 8)).isEqualTo(1 << 4);
    }

    var clear = new org.swtdx.kvm.uapi.KvmClearDirtyLog().numPages(16).dirtyBitmap(page);
    assertThat(guest.ioctl(fd, KvmIoctl.CLEAR_DIRTY_LOG, clear)).isZero();

    assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(guest.memory.load(page, 8)).isZero();
    exit(vcpu, KvmExit.IO);
    assertThat(guest.ioctl(fd, KvmIoctl.GET_DIRTY_LOG, log)).isZero();
    assertThat(guest.memory.load(page, 8)).isEqualTo(1 << 4);
  }

  @Test
  void dirtyRingsTellPagesInOrder() {
    guest.enable(KvmCap.DIRTY_LOG_RING, 4096);
    logDirtyPages();
    KvmVcpu vcpu = start("a30060" + "a30040" + "e680" + "a30060" + "e680");
    exit(vcpu, KvmExit.IO);
    MemorySegment ring = ((VcpuFile) process.file(vcpu.fd())).dirtyRing().orElseThrow();

    ValueLayout.OfInt u32 = ValueLayout.JAVA_INT_UNALIGNED;
    assertThat(ring.get(u32, 0)).as("dirty").isEqualTo(1);
    assertThat(ring.get(u32, 8)).isEqualTo(6);
    assertThat(ring.get(u32, 24)).isEqualTo(4);
    assertThat(process.ioctl(fd, KvmIoctl.RESET_DIRTY_RINGS, 0)).as("not seen yet").isZero();
    ring.set(u32, 0, 2);
    ring.set(u32, 16, 2);
    assertThat(process.ioctl(fd, KvmIoctl.RESET_DIRTY_RINGS, 0)).isEqualTo(2);
    exit(vcpu, KvmExit.IO);
    assertThat(ring.get(u32, 32)).isEqualTo(1);
    assertThat(ring.get(u32, 40)).isEqualTo(6);
  }

  @Test
  void dirtyRingsAreMappedSharedAndNotExecutable() {
    guest.enable(KvmCap.DIRTY_LOG_RING, 4096);
    VcpuFile with = (VcpuFile) process.file(vm.createVcpu(0));
    KvmVm other = process.vm(process.openKvm().createVm(0)).orElseThrow();
    VcpuFile without = (VcpuFile) process.file(other.createVcpu(0));

    assertThat(with.mmap(0x40000, 4096, true, false)).isZero();
    assertThat(with.mmap(0x40000, 4096, false, false)).isEqualTo(-Errno.EINVAL);
    assertThat(with.mmap(0x40000, 4096, true, true)).isEqualTo(-Errno.EINVAL);
    assertThat(with.mmap(0x3f000, 1, false, true)).isZero();
    assertThat(with.mmap(0x3f000, 4097, false, false)).as("its end").isEqualTo(-Errno.EINVAL);
    assertThat(with.mmap(0, 0x80000, false, false)).as("around the ring").isZero();
    assertThat(with.mmap(0x41000, 4096, false, false)).as("behind the ring").isZero();
    assertThat(without.mmap(0x40000, 4096, false, true)).isZero();
  }

  @Test
  void breakpointsAndStepsLeaveToTheDebugger() {
    KvmVcpu vcpu = start("90" + "cc" + "40" + "40" + "e680");
    KvmGuestDebug debug = new KvmGuestDebug().control(1 | 1 << 16);
    assertThat(guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, debug)).isZero();
    assertThat(debugExit(vcpu).pc()).isEqualTo(0x1001);
    assertThat(debugExit(vcpu).exception()).isEqualTo(3);

    guest.store(0x1001, 1, 0x90);
    guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, debug.control(3));
    assertThat(debugExit(vcpu).pc()).isEqualTo(0x1002);
    assertThat(regs(vcpu).rflags() & 0x100).as("the trap flag is the debugger's").isZero();

    debug = new KvmGuestDebug().control(1 | 1 << 17).debugreg(0, 0x1003).debugreg(7, 0x402);
    assertThat(guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, debug)).isZero();
    KvmDebugExit exit = debugExit(vcpu);
    assertThat(exit.exception()).isEqualTo(1);
    assertThat(exit.pc()).isEqualTo(0x1003);
    assertThat(exit.dr6() & 0xf).isEqualTo(1);
    guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, new KvmGuestDebug());
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x80);
  }

  @Test
  void interruptsCanBeKeptAwayFromADebugger() {
    KvmVcpu vcpu = start("90" + "e680");
    guest.code(0x2000, "e683");
    guest.store(4 * 2, 4, 0x2000);
    int steps = KvmGuestDebug.ENABLE | KvmGuestDebug.SINGLESTEP | KvmGuestDebug.BLOCKIRQ;
    assertThat(guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, new KvmGuestDebug().control(steps)))
        .isZero();
    assertThat(vcpu.nmi()).isZero();
    assertThat(debugExit(vcpu).pc()).isEqualTo(0x1001);

    guest.ioctl(vcpu.fd(), KvmIoctl.SET_GUEST_DEBUG, new KvmGuestDebug());
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x83);
  }

  /** In protected mode: mov eax,11; vmmcall; out 0x80,eax. */
  private static final String FOREIGN_HYPERCALL =
      "0f20c0" + "0c01" + "0f22c0" + "66b80b000000" + "0f01d9" + "66e780";

  private static final int AT_HYPERCALL = 0x100e;

  @Test
  void anotherVendorsHypercallIsReplaced() {
    KvmVcpu vcpu = start(FOREIGN_HYPERCALL);

    assertThat(exit(vcpu, KvmExit.IO).ioData32(0)).isZero();
    assertThat(guest.load(AT_HYPERCALL, 2)).isEqualTo(0x010f);
    assertThat(guest.load(AT_HYPERCALL + 2, 1)).isEqualTo(0xc1);
  }

  @Test
  void withoutTheQuirkItIsAnInvalidOpcode() {
    guest.enable(KvmCap.DISABLE_QUIRKS2, 1 << 5);
    KvmVcpu vcpu = start(FOREIGN_HYPERCALL);

    exit(vcpu, KvmExit.SHUTDOWN); // there is no IDT
    assertThat(guest.load(AT_HYPERCALL + 2, 1)).isEqualTo(0xd9);
  }

  @Test
  void cpuidStaysWhatItWasOnceTheGuestRan() {
    KvmVcpu vcpu = start("e680" + "e681");
    KvmCpuid2 cpuid = new KvmCpuid2(1);
    cpuid.function(0, 1).ecx(0, 1 << 26);
    assertThat(vcpu.setCpuid2(cpuid)).isZero();
    exit(vcpu, KvmExit.IO);

    assertThat(vcpu.setCpuid2(cpuid)).isZero();
    assertThat(vcpu.setSregs(sregs(vcpu).cr4(1 << 18))).isZero();
    KvmCpuid2 told = new KvmCpuid2(1);
    assertThat(vcpu.getCpuid2(told)).isZero();
    assertThat(told.ecx(0)).as("OSXSAVE").isEqualTo(1 << 26 | 1 << 27);
    assertThat(vcpu.setCpuid2(told)).isZero();
    assertThat(vcpu.setCpuid2(cpuid.ebx(0, 1))).isEqualTo(-Errno.EINVAL);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x81);
  }

  @Test
  void reservedBitsOfTheX2ApicCommandAreRefused() {
    KvmVcpu vcpu = start("e680");
    assertThat(vcpu.setSregs(sregs(vcpu).apicBase(0xfee0_0d00L))).isZero();
    int command = 0x830;

    assertThat(setMsr(vcpu, command, 0x4_0000)).isTrue();
    for (int bit : new int[] {13, 16, 17, 20, 31}) {
      assertThat(setMsr(vcpu, command, 0x4_0000 | 1L << bit)).as("bit %d", bit).isFalse();
    }
  }

  @Test
  void timeStampCountersOfAVmAreEqual() throws InterruptedException {
    assertThat(vm.setTscKhz(1_500_000)).isZero();
    KvmVcpu first = guest.vcpu(0);
    Thread.sleep(20);
    KvmVcpu second = guest.vcpu(1);
    assertEqualTscs(first, second);

    assertThat(setMsr(first, TSC, 1L << 40)).isTrue();
    Thread.sleep(20);
    assertThat(setMsr(second, TSC, 1L << 40)).isTrue();
    assertEqualTscs(first, second);
    assertThat(msr(first, TSC) - (1L << 40)).isGreaterThanOrEqualTo(30_000_000L);

    assertThat(setMsr(second, TSC, 1L << 50)).isTrue();
    assertThat(msr(second, TSC)).isGreaterThanOrEqualTo(1L << 50);
  }

  private static void assertEqualTscs(KvmVcpu one, KvmVcpu other) {
    long before = msr(one, TSC);
    long between = msr(other, TSC);
    assertThat(between).isBetween(before, msr(one, TSC));
  }

  private static KvmDebugExit debugExit(KvmVcpu vcpu) {
    exit(vcpu, KvmExit.DEBUG);
    return new KvmDebugExit(vcpu.kvmRun().segment().asSlice(32, KvmDebugExit.SIZE));
  }

  @Test
  void registersTravelInKvmRun() {
    KvmVcpu vcpu = start("40" + "e780" + "e780");
    vcpu.kvmRun().validRegs(7);
    exit(vcpu, KvmExit.IO);
    KvmRegs regs = new KvmRegs(vcpu.kvmRun().segment().asSlice(304, KvmRegs.SIZE));
    assertThat(regs.rax() & 0xffff).isEqualTo(1);

    regs.rax(0x77);
    vcpu.kvmRun().dirtyRegs(1);

    assertThat(exit(vcpu, KvmExit.IO).ioData16(0)).isEqualTo(0x77);
    assertThat(vcpu.kvmRun().dirtyRegs()).isZero();
    vcpu.kvmRun().validRegs(8);
    assertThat(vcpu.run()).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void anInjectedExceptionIsDelivered() {
    KvmVcpu vcpu = start("e680");
    guest.code(0x2000, "e683");
    guest.store(4 * 6, 4, 0x2000);
    KvmVcpuEvents events = new KvmVcpuEvents().exceptionInjected(1).exceptionNr(6);
    assertThat(vcpu.setVcpuEvents(events)).isZero();
    KvmVcpuEvents read = new KvmVcpuEvents();
    assertThat(vcpu.getVcpuEvents(read)).isZero();
    assertThat(read.exceptionNr()).isEqualTo(6);
    assertThat(read.exceptionInjected()).isEqualTo(1);

    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0x83);
  }

  @Test
  void statisticsCountExits() {
    KvmVcpu vcpu = start("e680" + "e680");
    exit(vcpu, KvmExit.IO);
    exit(vcpu, KvmExit.IO);
    int stats = process.ioctl(vcpu.fd(), KvmIoctl.GET_STATS_FD, 0);
    byte[] image = new byte[4096];
    int length = ((StatsFile) process.file(stats)).pread(image, 0);
    MemorySegment view = MemorySegment.ofArray(image);
    ValueLayout.OfInt u32 = ValueLayout.JAVA_INT_UNALIGNED;
    int names = view.get(u32, 4);
    int count = view.get(u32, 8);
    int descriptors = view.get(u32, 16);
    int data = view.get(u32, 20);

    assertThat(length).isEqualTo(data + 8 * count);
    assertThat(view.getString(view.get(u32, 12))).endsWith("/vcpu-0");
    for (int i = 0; i < count; i++) {
      long at = descriptors + (long) (16 + names) * i;
      if (view.getString(at + 16).equals("io_exits")) {
        int offset = data + view.get(u32, at + 8);
        assertThat(view.get(ValueLayout.JAVA_LONG_UNALIGNED, offset)).isEqualTo(2);
        return;
      }
    }
    throw new AssertionError("no io_exits");
  }
}
