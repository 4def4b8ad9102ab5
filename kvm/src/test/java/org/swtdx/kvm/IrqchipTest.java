package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.Vcpus.exit;
import static org.swtdx.kvm.Vcpus.sregs;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmEnableCap;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmInterrupt;
import org.swtdx.kvm.uapi.KvmIrqLevel;
import org.swtdx.kvm.uapi.KvmIrqRouting;
import org.swtdx.kvm.uapi.KvmIrqchip;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmPitConfig;
import org.swtdx.kvm.uapi.KvmPitState2;
import org.swtdx.kvm.uapi.KvmReinjectControl;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.kvm.uapi.KvmSregs;

/**
 * Interrupt controllers in the kernel, and in user space: ioctls, injection, ends of interrupts.
 */
class IrqchipTest {
  private static final String HANDLER = "b077" + "e680" + "cf"; // mov al,0x77; out 0x80,al; iret
  private static final String X2APIC = "66b91b000000" + "0f32" + "660d00040000" + "0f30";
  private static final String ENABLE = "66b90f080000" + "66b8ff010000" + "6631d2" + "0f30";
  private static final String IDLE = "bc0070" + "fb" + "f4" + "ebfd"; // sti; hlt; jmp to the hlt

  @AutoClose private final OrdinaryVm guest = new OrdinaryVm();
  private final KvmVm vm = guest.vm;

  private void inKernel() {
    guest.irqchip();
    assertThat(vm.createPit2(new KvmPitConfig())).isZero();
  }

  /** A vCPU that runs {@code code} from the reset vector; vectors 0x20 to 0x47 write 0x77. */
  private KvmVcpu start(String code) {
    for (int vector = 0x20; vector < 0x48; vector++) {
      guest.store(vector * 4, 4, 0x600);
    }
    guest.code(0x600, HANDLER).code(0x7c00, code).codeAtReset("ea007c0000"); // to 0:7c00
    KvmVcpu vcpu = guest.vcpu(0);
    assertThat(vcpu.setSregs(sregs(vcpu).limit(KvmSregs.DS, -1).g(KvmSregs.DS, 1))).isZero();
    return vcpu;
  }

  private static void handlerRuns(KvmVcpu vcpu) {
    assertThat(exit(vcpu, KvmExit.IO).ioData8(0)).isEqualTo(0x77);
  }

  private int line(int gsi, int level) {
    KvmIrqLevel request = new KvmIrqLevel().irq(gsi).level(level);
    assertThat(vm.irqLineStatus(request)).isZero();
    return request.irq();
  }

  /** out port,al for each pair of port and value. */
  private static String out(int... pairs) {
    StringBuilder code = new StringBuilder();
    for (int i = 0; i < pairs.length; i += 2) {
      code.append("b0%02xe6%02x".formatted(pairs[i + 1], pairs[i]));
    }
    return code.toString();
  }

  private static String picsAt20And28(int firstMask, int secondMask) {
    return out(0x20, 0x11, 0x21, 0x20, 0x21, 4, 0x21, 1)
        + out(0xa0, 0x11, 0xa1, 0x28, 0xa1, 2, 0xa1, 1, 0x21, firstMask, 0xa1, secondMask);
  }

  /**
   * mov eax,select; mov [0xfec00000],eax; mov eax,value; mov [0xfec00010],eax, by 32-bit address.
   */
  private static String ioApic(int register, int value) {
    return "66b8"
        + le(register)
        + "6766a3"
        + le(0xfec00000)
        + "66b8"
        + le(value)
        + "6766a3"
        + le(0xfec00010);
  }

  private static String le(int value) {
    return "%08x".formatted(Integer.reverseBytes(value));
  }

  @Test
  void controllersAreCreatedOnceAndBeforeTheFirstVcpu() {
    assertThat(vm.irqLine(new KvmIrqLevel())).isEqualTo(-Errno.ENXIO);
    assertThat(vm.getIrqchip(new KvmIrqchip())).isEqualTo(-Errno.ENXIO);
    assertThat(vm.createPit2(new KvmPitConfig())).isEqualTo(-Errno.ENOENT);
    assertThat(vm.getPit2(new KvmPitState2())).isEqualTo(-Errno.ENXIO);
    inKernel();
    assertThat(vm.createIrqchip()).isEqualTo(-Errno.EEXIST);
    assertThat(vm.createPit2(new KvmPitConfig())).isEqualTo(-Errno.EEXIST);
    assertThat(vm.enableCap(KvmEnableCap.of(KvmCap.SPLIT_IRQCHIP, 24))).isEqualTo(-Errno.EEXIST);
    assertThat(vm.getIrqchip(new KvmIrqchip().chipId(3))).isEqualTo(-Errno.EINVAL);
    assertThat(vm.reinjectControl(new KvmReinjectControl())).isZero();
  }

  @Test
  void controllersAreNotCreatedAfterAVcpuOrInASplitVm() {
    guest.splitIrqchip();
    assertThat(vm.createIrqchip()).isEqualTo(-Errno.EEXIST);
    KvmVm late = OrdinaryVm.on(guest.machine).vm;
    late.createVcpu(0);
    assertThat(late.createIrqchip()).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void routesAreCheckedAsKvmDoes() {
    inKernel();
    KvmIrqRouting two = new KvmIrqRouting(2).type(0, 1).type(1, 1);
    assertThat(vm.setGsiRouting(two.chip(0, 0).pin(0, 3).chip(1, 2).pin(1, 4))).isZero();
    assertThat(vm.setGsiRouting(two.chip(1, 0))).as("one chip twice").isEqualTo(-Errno.EINVAL);
    assertThat(vm.setGsiRouting(two.chip(1, 2).pin(1, 24))).isEqualTo(-Errno.EINVAL);
    assertThat(vm.setGsiRouting(two.chip(1, 1).pin(1, 8))).isEqualTo(-Errno.EINVAL);
    assertThat(vm.setGsiRouting(two.pin(1, 1).type(1, 2))).as("a message").isEqualTo(-Errno.EINVAL);
    assertThat(vm.setGsiRouting(two.gsi(1, 4096))).isEqualTo(-Errno.EINVAL);
  }

  @Test
  void anInterruptOfThe8259EndsHaltAndItsStatusIsTold() {
    inKernel();
    KvmVcpu vcpu = start(picsAt20And28(0xef, 0xff) + "e6aa" + IDLE);
    exit(vcpu, KvmExit.IO);

    assertThat(line(3, 1)).as("masked in both").isEqualTo(-1);
    assertThat(line(4, 1)).isEqualTo(1);
    handlerRuns(vcpu);
    assertThat(line(4, 1)).as("no new edge, but not masked").isEqualTo(1);
  }

  @Test
  void theTimerTicksThroughThe8259() {
    inKernel();
    String tenMilliseconds = out(0x43, 0x34, 0x40, 0x9c, 0x40, 0x2e);
    KvmVcpu vcpu = start(picsAt20And28(0xfe, 0xff) + tenMilliseconds + IDLE);
    handlerRuns(vcpu);

    KvmPitState2 state = new KvmPitState2();
    assertThat(vm.getPit2(state)).isZero();
    assertThat(state.channel(0).count()).isEqualTo(0x2e9c);
    assertThat(state.channel(0).mode()).isEqualTo(2);
    KvmIrqchip chip = new KvmIrqchip();
    assertThat(vm.getIrqchip(chip)).isZero();
    assertThat(chip.pic()[2] & 0xff).as("mask").isEqualTo(0xfe);
    assertThat(chip.pic()[3]).as("in service").isEqualTo((byte) 1);
  }

  @Test
  void aLevelTriggeredPinOfTheIoApicComesAgainAfterItsEnd() {
    inKernel();
    String end = "66b90b080000" + "6631c0" + "6631d2" + "0f30"; // EOI
    KvmVcpu vcpu = start(X2APIC + ENABLE + ioApic(0x10 + 2 * 20, 0x8030) + IDLE);
    guest.code(0x600, end + HANDLER);
    assertThat(line(20, 1)).as("masked so far").isEqualTo(-1);

    handlerRuns(vcpu);
    handlerRuns(vcpu);
    KvmIrqchip chip = new KvmIrqchip().chipId(KvmIrqchip.IOAPIC);
    assertThat(vm.getIrqchip(chip)).isZero();
    assertThat(chip.redirection(20)).isEqualTo(0xc030);
    assertThat(chip.ioApicIrr()).isEqualTo(1 << 20);
  }

  @Test
  void inASplitVmTheEndOfALevelTriggeredInterruptLeaves() {
    guest.splitIrqchip();
    String end = "66b90b080000" + "6631c0" + "6631d2" + "0f30"; // EOI
    KvmVcpu vcpu = start(X2APIC + ENABLE + "e6aa" + IDLE);
    guest.code(0x600, end + HANDLER);
    KvmIrqRouting route = new KvmIrqRouting(1).gsi(0, 5).type(0, KvmIrqRouting.MSI);
    assertThat(vm.setGsiRouting(route.msiAddressLo(0, 0xfee0_0000).msiData(0, 0xc030))).isZero();
    exit(vcpu, KvmExit.IO);

    assertThat(vm.signalMsi(KvmMsi.of(0xfee0_0000L, 0xc030))).isEqualTo(1);

    assertThat(exit(vcpu, KvmExit.IOAPIC_EOI).eoiVector()).isEqualTo(0x30);
    handlerRuns(vcpu);
    assertThat(vm.signalMsi(KvmMsi.of(0xfee0_0000L, 0x31))).as("an edge").isEqualTo(1);
    handlerRuns(vcpu);
  }

  @Test
  void userSpaceInjectsForItsOwn8259OnceTheWindowIsOpen() {
    guest.splitIrqchip();
    // mov sp,0x7000; cli; out 0xaa,al; sti; nop; out 0xbb,al; hlt
    KvmVcpu vcpu = start("bc0070" + "fa" + "e6aa" + "fb" + "90" + "e6bb" + "f4");
    KvmRun run = exit(vcpu, KvmExit.IO);
    assertThat(run.ifFlag()).isZero();
    assertThat(run.readyForInterruptInjection()).isZero();
    run.requestInterruptWindow(1);

    run = exit(vcpu, KvmExit.IRQ_WINDOW_OPEN);

    assertThat(run.ifFlag()).isEqualTo(1);
    assertThat(run.readyForInterruptInjection()).isEqualTo(1);
    run.requestInterruptWindow(0);
    assertThat(vcpu.interrupt(new KvmInterrupt().irq(256))).isEqualTo(-Errno.EINVAL);
    assertThat(vcpu.interrupt(new KvmInterrupt().irq(0x21))).isZero();
    assertThat(vcpu.interrupt(new KvmInterrupt().irq(0x22))).isEqualTo(-Errno.EEXIST);
    handlerRuns(vcpu);
    assertThat(exit(vcpu, KvmExit.IO).ioPort()).isEqualTo(0xbb);
  }

  @Test
  void userSpaceDoesNotInjectFor8259sOfTheKernel() {
    inKernel();
    KvmVcpu vcpu = start(IDLE);
    assertThat(vcpu.interrupt(new KvmInterrupt().irq(0x21))).isEqualTo(-Errno.ENXIO);
  }

  @Test
  void aHaltWithInterruptsOffIsNotEndedByAnInterrupt() throws InterruptedException {
    inKernel();
    KvmVcpu vcpu = start(picsAt20And28(0xef, 0xff) + "fa" + "f4" + "e6cc"); // cli; hlt; out
    int[] result = {1};
    Thread thread = new Thread(() -> result[0] = vcpu.run());
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    line(4, 1);

    vcpu.kick();
    thread.join();

    assertThat(result[0]).isEqualTo(-Errno.EINTR);
  }
}
