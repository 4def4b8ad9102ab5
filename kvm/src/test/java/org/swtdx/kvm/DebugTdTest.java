package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.TestTd.ACCEPT;
import static org.swtdx.kvm.TestTd.TOUCH;
import static org.swtdx.kvm.Vcpus.regs;
import static org.swtdx.kvm.Vcpus.sregs;
import static org.swtdx.kvm.uapi.Errno.EFAULT;
import static org.swtdx.kvm.uapi.Errno.EINVAL;

import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmDebugExit;
import org.swtdx.kvm.uapi.KvmDebugMemory;
import org.swtdx.kvm.uapi.KvmDebugRegs;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmFpu;
import org.swtdx.kvm.uapi.KvmGuestDebug;
import org.swtdx.kvm.uapi.KvmLapicState;
import org.swtdx.kvm.uapi.KvmMsrs;
import org.swtdx.kvm.uapi.KvmRegs;
import org.swtdx.kvm.uapi.KvmSregs;
import org.swtdx.kvm.uapi.KvmSregs2;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTranslation;
import org.swtdx.kvm.uapi.KvmXcrs;
import org.swtdx.kvm.uapi.KvmXsave;

/** {@link KvmExtension#DEBUG_TD}. */
class DebugTdTest {
  private static final long DEBUG = 1;
  private static final long SEPT_VE_DISABLE = 1L << 28;
  private static final long ROM = 0xffff_f000L;
  private static final long SCRIPT = 0x8000;
  private static final int UNION = 32;

  @AutoClose
  private final TestHost machine = new TestHost(port -> port, Set.of(KvmExtension.DEBUG_TD));

  private TestTd td() {
    return TestTd.withVcpu(machine, DEBUG | SEPT_VE_DISABLE);
  }

  private static int memory(TestTd td, boolean write, long gpa, long uaddr, long len) {
    return memory(td, write, new KvmDebugMemory().gpa(gpa).uaddr(uaddr).len(len));
  }

  private static int memory(TestTd td, boolean write, KvmDebugMemory request) {
    int id = write ? KvmExtensionAbi.DEBUG_WRITE_MEMORY : KvmExtensionAbi.DEBUG_READ_MEMORY;
    return td.vm.memoryEncryptOp(KvmTdxCmd.of(id, 0, 0), request);
  }

  // ---- what is admitted ----

  @Test
  void capabilitiesOfferDebug() {
    TestTd td = TestTd.bare(machine);
    KvmTdxCapabilities caps = KvmTdxCapabilities.withCapacity(64);
    assertThat(td.vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), caps)).isZero();

    assertThat(caps.supportedAttrs()).isEqualTo(DEBUG | SEPT_VE_DISABLE);
    assertThat(td.vm.checkExtension(KvmExtensionAbi.EXTENSIONS))
        .isEqualTo(KvmExtensionAbi.DEBUG_TD);
  }

  @Test
  void aTdWithoutDebugStaysClosed() {
    TestTd td = TestTd.withVcpu(machine, SEPT_VE_DISABLE).start();
    KvmVcpu vcpu = td.vcpu;

    assertThat(vcpu.getRegs(new KvmRegs())).isEqualTo(-EINVAL);
    assertThat(vcpu.setRegs(new KvmRegs())).isEqualTo(-EINVAL);
    assertThat(vcpu.getSregs(new KvmSregs())).isEqualTo(-EINVAL);
    assertThat(vcpu.getFpu(new KvmFpu())).isEqualTo(-EINVAL);
    assertThat(vcpu.getXsave(new KvmXsave())).isEqualTo(-EINVAL);
    assertThat(vcpu.getXcrs(new KvmXcrs())).isEqualTo(-EINVAL);
    assertThat(vcpu.getDebugRegs(new KvmDebugRegs())).isEqualTo(-EINVAL);
    assertThat(vcpu.setGuestDebug(new KvmGuestDebug().control(3))).isEqualTo(-EINVAL);
    long page = td.memory.mmap(4096);
    assertThat(memory(td, false, 0, page, 8)).isEqualTo(-EINVAL);
    assertThat(memory(td, true, 0, page, 8)).isEqualTo(-EINVAL);
    KvmMsrs msrs = new KvmMsrs(1).nmsrs(1).index(0, 0xc000_0082);
    assertThat(vcpu.getMsrs(msrs)).as("LSTAR").isZero();
    KvmTranslation walk = new KvmTranslation().linearAddress(0x1000);
    vcpu.translate(walk);
    assertThat(walk.valid()).isZero();
  }

  @Test
  void anUninitializedVcpuHasNoRegisters() {
    TestTd td = TestTd.initialized(machine, DEBUG);
    KvmVcpu vcpu = td.process.vcpu(td.vm.createVcpu(0)).orElseThrow();

    assertThat(vcpu.getRegs(new KvmRegs())).isEqualTo(-EINVAL);
    assertThat(vcpu.setGuestDebug(new KvmGuestDebug().control(3))).isEqualTo(-EINVAL);
  }

  // ---- registers ----

  @Test
  void generalRegistersAreTheGuests() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 0x5a).start();
    assertThat(regs(td.vcpu).rip()).isEqualTo(0xffff_fff0L);
    assertThat(regs(td.vcpu).rbx()).as("GPAW").isEqualTo(48);

    td.exit(KvmExit.IO);
    KvmRegs at = regs(td.vcpu);
    assertThat(at.r11()).isEqualTo(30);
    assertThat(at.r14()).isEqualTo(0x80);
    assertThat(at.r15()).isEqualTo(0x5a);
    assertThat(at.rsi()).as("the script's next entry").isEqualTo(SCRIPT + 48);
    assertThat(at.rflags() & 2).isEqualTo(2);

    // The script ends with R11 = -1: let the guest read another entry instead.
    at.rsi(0x9000);
    assertThat(td.vcpu.setRegs(at)).isZero();
    assertThat(regs(td.vcpu).rsi()).isEqualTo(0x9000);
  }

  @Test
  void aGuestRunsOnWithTheRegistersThatItWasGiven() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).callOf(1, 0, 30, 1, 1, 0x81, 2).start();
    td.exit(KvmExit.IO);

    assertThat(td.vcpu.setRegs(regs(td.vcpu).rsi(SCRIPT + 0x1000))).isZero();

    td.nextReport();
    assertThat(td.exit(KvmExit.IO).ioPort()).as("of the other script").isEqualTo(0x81);
  }

  @Test
  void systemRegistersAreTheGuestsAndTheApicIsNot() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).call(0, 30, 1, 1, 0x80, 2).start();
    td.exit(KvmExit.IO);
    KvmSregs sregs = sregs(td.vcpu);

    assertThat(sregs.cr3()).isEqualTo(0x1000);
    assertThat(sregs.efer() & 0x500).as("LME, LMA").isEqualTo(0x500);
    assertThat(sregs.l(0)).as("64-bit code").isEqualTo(1);
    assertThat(sregs.selector(KvmSregs.CS)).isEqualTo(8);
    assertThat(sregs.gdtLimit()).isEqualTo(23);
    assertThat(sregs.gdtBase()).isEqualTo(0xffff_ff00L);
    assertThat(td.vcpu.setSregs(sregs)).isZero();
    KvmSregs2 more = new KvmSregs2();
    assertThat(td.vcpu.getSregs2(more)).isZero();
    assertThat(more.flags()).as("no PDPTEs in long mode").isZero();
    assertThat(td.vcpu.setSregs2(more)).isZero();
    td.nextReport();
    td.exit(KvmExit.IO);

    sregs.cr3(0x123000).idtBase(0x7000).idtLimit(0xfff);
    assertThat(td.vcpu.setSregs(sregs)).isZero();
    KvmSregs now = sregs(td.vcpu);
    assertThat(now.cr3()).isEqualTo(0x123000);
    assertThat(now.idtBase()).isEqualTo(0x7000);
    assertThat(td.vcpu.setSregs(sregs.apicBase(0xfee0_0800L))).isEqualTo(-EINVAL);
    assertThat(td.vcpu.setSregs(now.cr8(5))).as("the APIC is the module's").isEqualTo(-EINVAL);
    assertThat(td.vcpu.setSregs(now.cr8(0).cr0(0x8000_0000L)))
        .as("PG without PE")
        .isEqualTo(-EINVAL);
    assertThat(td.vcpu.getLapic(new KvmLapicState())).isEqualTo(-EINVAL);
  }

  @Test
  void floatingPointAndExtendedStateCanBeReadAndWritten() {
    TestTd td = td().start();
    KvmFpu fpu = new KvmFpu();
    assertThat(td.vcpu.getFpu(fpu)).isZero();
    assertThat(fpu.fcw()).isEqualTo(0x37f);

    fpu.xmm(4, 0x1122_3344_5566_7788L).fcw(0x27f);
    assertThat(td.vcpu.setFpu(fpu)).isZero();
    KvmFpu again = new KvmFpu();
    assertThat(td.vcpu.getFpu(again)).isZero();
    assertThat(again.xmm(4)).isEqualTo(0x1122_3344_5566_7788L);
    assertThat(again.fcw()).isEqualTo(0x27f);
    KvmXsave area = new KvmXsave();
    assertThat(td.vcpu.getXsave(area)).isZero();
    assertThat(area.region(0) & 0xffff).isEqualTo(0x27f);
    assertThat(td.vcpu.setXsave(area)).isZero();
    KvmXcrs xcrs = new KvmXcrs();
    assertThat(td.vcpu.getXcrs(xcrs)).isZero();
    assertThat(xcrs.value(0)).isEqualTo(1);
    assertThat(td.vcpu.setXcrs(xcrs)).as("the same").isZero();
    assertThat(td.vcpu.setXcrs(xcrs.value(0, 3))).as("the module's").isEqualTo(-EINVAL);
  }

  @Test
  void msrsOfTheProcessorAreAmongThoseThatCanBeRead() {
    TestTd td = td().start();
    KvmMsrs msrs = new KvmMsrs(5).nmsrs(5);
    msrs.index(0, 0xc000_0080).index(1, 0xc000_0082).index(2, 0x176).index(3, 0x277);
    msrs.index(4, 0xc000_0101);

    assertThat(td.vcpu.getMsrs(msrs)).isEqualTo(5);
    assertThat(msrs.data(0)).as("EFER").isEqualTo(0x901);
    assertThat(msrs.data(3)).as("PAT").isEqualTo(0x0007_0406_0007_0406L);
    KvmMsrs set = new KvmMsrs(3).nmsrs(3);
    set.index(0, 0x176).data(0, 0x1234).index(1, 0xc000_0101).data(1, 0x5000);
    set.index(2, 0xc000_0082).data(2, 1);
    assertThat(td.vcpu.setMsrs(set)).as("LSTAR is read-only to the host").isEqualTo(2);
    assertThat(td.vcpu.getMsrs(msrs)).isEqualTo(5);
    assertThat(msrs.data(2)).isEqualTo(0x1234);
    assertThat(msrs.data(4)).isEqualTo(0x5000);
  }

  // ---- breakpoints and steps ----

  private static KvmDebugExit debugExit(TestTd td) {
    td.exit(KvmExit.DEBUG);
    return new KvmDebugExit(td.vcpu.kvmRun().segment().asSlice(UNION, KvmDebugExit.SIZE));
  }

  @Test
  void singleStepsEndBehindEachInstruction() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).start();
    assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug().control(3))).isZero();

    for (long pc : new long[] {0, 7, 12, 15, 18, 23, 26, 31, 34}) {
      KvmDebugExit exit = debugExit(td);
      assertThat(exit.pc()).isEqualTo(ROM + pc);
      assertThat(exit.exception()).isEqualTo(1);
      assertThat(exit.dr6() >>> 14 & 1).as("BS").isEqualTo(1);
    }
    assertThat(regs(td.vcpu).rflags() & 0x100).as("the flag is not the guest's").isZero();
    assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug())).isZero();
    assertThat(td.exit(KvmExit.IO).ioPort()).isEqualTo(0x80);
  }

  @Test
  void aSingleStepEndsBehindACallThatKvmAnswers() {
    TestTd td = td().call(0, 10, 1, 0).start();
    assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug().control(3))).isZero();
    long before = 0;
    for (int i = 0; i < 100 && regs(td.vcpu).r11() != 10; i++) {
      before = debugExit(td).pc();
    }
    while (true) {
      long pc = debugExit(td).pc();
      if (pc - before == 4 && regs(td.vcpu).rcx() == 0xfc00) {
        break; // behind TDCALL, the one instruction of four bytes with RCX like this
      }
      before = pc;
      assertThat(pc).isBetween(ROM, ROM + 0x200);
    }
  }

  @Test
  void hardwareBreakpointsStopExecutionAndWrites() {
    TestTd td = td().call(0, ACCEPT, 0x20_0000).call(0, TOUCH, 0x20_0010, 7).start();
    KvmDebugRegs own = new KvmDebugRegs();
    own.db(0, 0x4444).dr7(0x400).dr6(0xffff_0ff0L);
    assertThat(td.vcpu.setDebugRegs(own)).isZero();
    int control = KvmGuestDebug.ENABLE | KvmGuestDebug.USE_HW_BP;
    KvmGuestDebug debug = new KvmGuestDebug().control(control);
    debug.debugreg(0, ROM + 15).debugreg(7, 0x401);
    assertThat(td.vcpu.setGuestDebug(debug)).isZero();

    KvmDebugExit exit = debugExit(td);
    assertThat(exit.pc()).isEqualTo(ROM + 15);
    assertThat(exit.dr6() & 15).isEqualTo(1);
    assertThat(exit.dr7() & 1).isEqualTo(1);
    KvmDebugRegs shown = new KvmDebugRegs();
    assertThat(td.vcpu.getDebugRegs(shown)).isZero();
    assertThat(shown.db(0)).as("the guest's, not the debugger's").isEqualTo(0x4444);

    debug.debugreg(0, 0).debugreg(1, 0x20_0010).debugreg(7, 0x400 | 1 << 2 | 0b1001 << 20);
    assertThat(td.vcpu.setGuestDebug(debug)).isZero();
    assertThat(td.nextReport()[0]).isZero();
    exit = debugExit(td);
    assertThat(exit.dr6() & 15).as("the write").isEqualTo(2);
    assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug())).isZero();
    assertThat(td.vcpu.getDebugRegs(shown)).isZero();
    assertThat(shown.db(0)).isEqualTo(0x4444);
    assertThat(td.nextReport()[1]).isEqualTo(7);
  }

  @Test
  void aBreakpointWrittenIntoPrivateCodeStopsTheGuestAndCanBeTakenOut() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).start();
    long page = td.memory.mmap(4096);
    assertThat(memory(td, false, ROM + 12, page, 1)).isZero();
    assertThat(td.memory.load(page, 1)).isEqualTo(0x0f);
    td.memory.store(page + 1, 1, 0xcc);
    assertThat(memory(td, true, ROM + 12, page + 1, 1)).isZero();
    int control = KvmGuestDebug.ENABLE | KvmGuestDebug.USE_SW_BP;
    assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug().control(control))).isZero();

    KvmDebugExit exit = debugExit(td);
    assertThat(exit.exception()).isEqualTo(3);
    assertThat(exit.pc()).isEqualTo(ROM + 12);
    assertThat(memory(td, true, ROM + 12, page, 1)).isZero();
    assertThat(td.exit(KvmExit.IO).ioPort()).isEqualTo(0x80);
  }

  @Test
  void whatTheModuleCannotDoIsRefused() {
    TestTd td = td().start();
    for (int control : new int[] {KvmGuestDebug.INJECT_DB, KvmGuestDebug.INJECT_BP, 1 << 30}) {
      assertThat(td.vcpu.setGuestDebug(new KvmGuestDebug().control(control | 1)))
          .isEqualTo(-EINVAL);
    }
  }

  // ---- memory ----

  @Test
  void aRangeIsCopiedWhateverItsAlignment() {
    TestTd td = td().call(0, ACCEPT, 0x20_0000).call(0, ACCEPT, 0x20_1000).start();
    td.nextReport();
    td.nextReport();
    long page = td.memory.mmap(0x4000);
    byte[] pattern = new byte[61];
    byte[] back = new byte[61];
    for (int start = 0; start < 8; start++) {
      for (int length : new int[] {1, 7, 8, 9, 61}) {
        for (int i = 0; i < length; i++) {
          pattern[i] = (byte) (i * 7 + start + length);
        }
        td.memory.write(page, pattern, 0, length);
        long gpa = 0x20_1000L - 16 + start;
        assertThat(memory(td, true, gpa, page, length)).isZero();
        assertThat(memory(td, false, gpa, page + 0x1000, length)).isZero();
        td.memory.read(page + 0x1000, back, 0, length);
        for (int i = 0; i < length; i++) {
          assertThat(back[i]).isEqualTo(pattern[i]);
        }
      }
    }
    assertThat(memory(td, false, SCRIPT, page, 16)).as("the initial contents").isZero();
    assertThat(td.memory.load(page + 8, 8)).isEqualTo(ACCEPT);
  }

  @Test
  void whatCannotBeReachedIsTold() {
    TestTd td = td().call(0, ACCEPT, 0x20_0000).start();
    td.nextReport();
    long page = td.memory.mmap(0x4000);
    assertThat(td.attributes(0x30_0000, 0x1000, 0)).isZero();
    td.memory.store(td.ramUaddr + 0x30_0008, 8, 0x77);

    assertThat(memory(td, false, 0x30_0008, page, 8)).as("shared").isZero();
    assertThat(td.memory.load(page, 8)).isEqualTo(0x77);
    assertThat(memory(td, false, 0x20_1000, page, 8)).as("not accepted").isEqualTo(-EFAULT);
    assertThat(memory(td, false, 0x100_0000, page, 8)).as("no slot").isEqualTo(-EFAULT);
    assertThat(memory(td, false, 0, 0x10, 8)).as("no user memory").isEqualTo(-EFAULT);
    assertThat(memory(td, true, 0x20_0000, 0x10, 8)).isEqualTo(-EFAULT);
    assertThat(memory(td, false, 0, page, 0)).isEqualTo(-EINVAL);
    assertThat(memory(td, false, -8, page, 16)).isEqualTo(-EINVAL);
    assertThat(memory(td, false, TestTd.SHARED, page, 8)).isEqualTo(-EINVAL);
    KvmTdxCmd flags = KvmTdxCmd.of(KvmExtensionAbi.DEBUG_READ_MEMORY, 1, 0);
    assertThat(td.vm.memoryEncryptOp(flags, new KvmDebugMemory())).isEqualTo(-EINVAL);
    KvmTdxCmd bad = KvmTdxCmd.of(KvmExtensionAbi.DEBUG_READ_MEMORY, 0, 0x10);
    assertThat(td.vm.memoryEncryptOp(bad, null)).isEqualTo(-EFAULT);
    KvmDebugMemory request = new KvmDebugMemory().gpa(0x20_0ff8).uaddr(page).len(0x10);
    assertThat(memory(td, false, request)).isEqualTo(-EFAULT);
    assertThat(request.gpa()).as("what was copied").isEqualTo(0x20_1000);
    assertThat(request.len()).isEqualTo(8);
  }

  @Test
  void linearAddressesAreTranslatedThroughTheGuestsTables() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).start();
    td.exit(KvmExit.IO);
    KvmTranslation walk = new KvmTranslation().linearAddress(TestTd.SHARED_WINDOW + 0x1234);

    assertThat(td.vcpu.translate(walk)).isZero();
    assertThat(walk.valid()).isEqualTo(1);
    assertThat(walk.physicalAddress()).isEqualTo(TestTd.SHARED | 0x20_1234);
    td.vcpu.translate(walk.linearAddress(ROM + 5));
    assertThat(walk.physicalAddress()).isEqualTo(ROM + 5);
    td.vcpu.translate(walk.linearAddress(0x9000_0000L));
    assertThat(walk.valid()).isZero();
  }
}
