package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.swtdx.kvm.TestTd.ACCEPT;
import static org.swtdx.kvm.TestTd.SHARED;
import static org.swtdx.kvm.TestTd.TOUCH;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_ALIGN_ERROR;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_INVALID_OPERAND;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_RETRY;
import static org.swtdx.kvm.uapi.KvmTdx.STATUS_SUBFUNC_UNSUPPORTED;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.kvm.uapi.KvmMsi;
import org.swtdx.kvm.uapi.KvmRun;

/** TDs that run: every exit that reaches user space, and every TDVMCALL that does not. */
class TdRunTest {
  private static final long SEPT_VE_DISABLE = 1L << 28;

  @AutoClose private final TestHost machine = new TestHost();

  private TestTd td() {
    return TestTd.withVcpu(machine, SEPT_VE_DISABLE);
  }

  @Test
  void finalizedTdIsToldOfWithTheMrtdThatTheModuleStates() {
    List<String> told = new ArrayList<>();
    machine.host.observe((vm, mrtd) -> told.add(vm + " " + HexFormat.of().formatHex(mrtd)));

    td().start();

    String stated = machine.host.platform().events().statements().get("MRTD");
    assertThat(told).containsExactly("1 " + stated);
    assertThat(stated).hasSize(96).isNotEqualTo("0".repeat(96));
  }

  @Test
  void portWritesAndReadsGoToUserSpaceAndComeBack() {
    TestTd td = td().call(0, 30, 2, 1, 0x3f8, 0xbeef).call(0, 30, 4, 0, 0xcfc).start();

    KvmRun run = td.exit(KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_OUT);
    assertThat(run.ioPort()).isEqualTo(0x3f8);
    assertThat(run.ioSize()).isEqualTo(2);
    assertThat(run.ioCount()).isEqualTo(1);
    assertThat(run.ioDataOffset()).isEqualTo(4096);
    assertThat(run.ioData16(0)).isEqualTo(0xbeef);
    assertThat(td.nextReport()[0]).isZero();
    run = td.exit(KvmExit.IO);
    assertThat(run.ioDirection()).isEqualTo(KvmRun.IO_IN);
    run.ioData32(0, 0x8765_4321);
    assertThat(td.nextReport()).containsExactly(0, 0x8765_4321L);
    td.exit(KvmExit.SHUTDOWN);
  }

  @Test
  void malformedPortAndMmioCallsAreInvalidOperands() {
    TestTd td =
        td().call(0, 30, 5, 1, 0x80)
            .call(0, 30, 1, 2, 0x80)
            .call(0, 48, 10, 0, SHARED | 0xd000_1000L)
            .call(0, 48, 4, 0, 0xd000_1000L)
            .call(0, 48, 4, 2, SHARED | 0xd000_1000L)
            .start();

    for (int i = 0; i < 5; i++) {
      assertThat(td.nextReport()[0]).as("call %d", i).isEqualTo(STATUS_INVALID_OPERAND);
    }
  }

  @Test
  void mmioReadsReturnWhatUserSpacePutThere() {
    TestTd td = td().call(0, 48, 2, 0, SHARED | 0xe000_0010L).start();

    KvmRun run = td.exit(KvmExit.MMIO);
    assertThat(run.mmioPhysAddr()).isEqualTo(0xe000_0010L);
    assertThat(run.mmioLen()).isEqualTo(2);
    assertThat(run.mmioIsWrite()).isZero();
    run.mmioData(0x1234_5678_9abc_def0L);
    assertThat(td.nextReport()).containsExactly(0, 0xdef0);
  }

  @Test
  void cpuidIsAnsweredFromTheVcpusEntries() {
    TestTd td = td().call(0, 10, 1, 0).start();

    assertThat(td.nextReport()[0]).isZero();
  }

  @Test
  void unknownCallsAreUnsupported() {
    TestTd td = td().call(0, 0x10005).call(0, 54).call(0, 65).call(0, -7).call(5, 0).start();

    for (int i = 0; i < 4; i++) {
      assertThat(td.nextReport()[0]).isEqualTo(STATUS_SUBFUNC_UNSUPPORTED);
    }
    assertThat(td.nextReport()[0]).as("an unknown KVM hypercall").isEqualTo(-1000);
  }

  @Test
  void mapGpaIsHandedOutInChunksOfTwoMebibytes() {
    TestTd td = td().call(0, 0x10001, SHARED | 0x10_0000, 0x30_0000).start();

    KvmRun run = td.exit(KvmExit.HYPERCALL);
    assertThat(run.hypercallNr()).isEqualTo(12);
    assertThat(run.hypercallArgs(0)).isEqualTo(0x10_0000);
    assertThat(run.hypercallArgs(1)).isEqualTo(512);
    assertThat(run.hypercallArgs(2)).isZero();
    assertThat(run.hypercallFlags()).isEqualTo(1);
    run.hypercallRet(0);
    run = td.exit(KvmExit.HYPERCALL);
    assertThat(run.hypercallArgs(0)).isEqualTo(0x30_0000);
    assertThat(run.hypercallArgs(1)).isEqualTo(256);
    run.hypercallRet(0);
    assertThat(td.nextReport()[0]).isZero();
  }

  @Test
  void mapGpaResultsBecomeStatuses() {
    TestTd td =
        td().call(0, 0x10001, SHARED | 0x20_0000, 0x1000)
            .call(0, 0x10001, 0x20_0000, 0x1000)
            .call(0, 0x10001, SHARED | 0x20_0800, 0x1000)
            .call(0, 0x10001, SHARED - 0x1000, 0x2000)
            .call(0, 0x10001, SHARED | 0x20_0000, 0)
            .start();

    td.exit(KvmExit.HYPERCALL).hypercallRet(Errno.EAGAIN);
    assertThat(td.nextReport()).containsExactly(STATUS_RETRY, SHARED | 0x20_0000);
    KvmRun run = td.exit(KvmExit.HYPERCALL);
    assertThat(run.hypercallArgs(2)).as("to private").isEqualTo(16);
    run.hypercallRet(Errno.EINVAL);
    assertThat(td.nextReport()).containsExactly(STATUS_INVALID_OPERAND, 0x20_0000);
    assertThat(td.nextReport()[0]).isEqualTo(STATUS_ALIGN_ERROR);
    assertThat(td.nextReport()[0]).isEqualTo(STATUS_INVALID_OPERAND);
    assertThat(td.nextReport()[0]).isEqualTo(STATUS_INVALID_OPERAND);
  }

  @Test
  void anAcceptedPageHoldsWhatTheGuestStores() {
    TestTd td = td().call(0, ACCEPT, 0x20_0000).call(0, TOUCH, 0x20_0008, 0x1122_3344).start();

    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()[1]).isEqualTo(0x1122_3344);
    assertThat(td.memory.load(td.ramUaddr + 0x20_0008, 8)).as("shared backing").isZero();
    assertThat(td.ram.residentBytes()).isEqualTo(17 * 4096);
  }

  @Test
  void touchingAnUnacceptedPageEndsTheVm() {
    TestTd td = td().call(0, TOUCH, 0x20_0000, 1).start();

    assertThat(td.vcpu.run()).isEqualTo(-Errno.EIO);
    assertThat(td.vcpu.run()).isEqualTo(-Errno.EIO);
    assertThat(td.vm.checkExtension(0)).isEqualTo(-Errno.EIO);
    assertThat(machine.host.kernelLog())
        .anyMatch(line -> line.contains("Guest access before accepting 0x200000 on vCPU 0"));
  }

  @Test
  void sharedMemoryIsTheUserSpaceMapping() {
    TestTd td = td().call(0, TOUCH, TestTd.SHARED_WINDOW + 0x10, 77).start();
    assertThat(td.attributes(0x20_0000, 0x20_0000, 0)).isZero();

    assertThat(td.nextReport()[1]).isEqualTo(77);
    assertThat(td.memory.load(td.ramUaddr + 0x20_0010, 8)).isEqualTo(77);
  }

  @Test
  void accessWithTheWrongAttributeIsAMemoryFault() {
    TestTd td = td().call(0, TOUCH, TestTd.SHARED_WINDOW, 1).call(0, ACCEPT, 0x20_0000).start();

    assertThat(td.vcpu.run()).isEqualTo(-Errno.EFAULT);
    KvmRun run = td.vcpu.kvmRun();
    assertThat(run.exitReason()).isEqualTo(KvmExit.MEMORY_FAULT);
    assertThat(run.memoryFaultFlags()).isZero();
    assertThat(run.memoryFaultGpa()).isEqualTo(0x20_0000);
    assertThat(run.memoryFaultSize()).isEqualTo(4096);
    assertThat(td.attributes(0x20_0000, 0x1000, 0)).isZero();
    assertThat(td.nextReport()[1]).as("after an implicit conversion").isEqualTo(1);
    assertThat(td.vcpu.run()).isEqualTo(-Errno.EFAULT);
    assertThat(run.memoryFaultFlags()).isEqualTo(KvmExit.MEMORY_FAULT_PRIVATE);
  }

  @Test
  void convertingToSharedTakesThePrivatePageAway() {
    TestTd td =
        td().call(0, ACCEPT, 0x20_0000)
            .call(0, TOUCH, 0x20_0000, 5)
            .call(0, 0x10001, SHARED | 0x20_0000, 0x1000)
            .call(0, TOUCH, TestTd.SHARED_WINDOW, 6)
            .call(0, 0x10001, 0x20_0000, 0x1000)
            .call(0, ACCEPT, 0x20_0000)
            .start();
    td.nextReport();
    td.nextReport();

    td.exit(KvmExit.HYPERCALL);
    assertThat(td.attributes(0x20_0000, 0x1000, 0)).isZero();
    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()[1]).isEqualTo(6);
    td.exit(KvmExit.HYPERCALL);
    assertThat(td.attributes(0x20_0000, 0x1000, KvmMemoryAttributes.PRIVATE)).isZero();
    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()[0]).as("accepted as a new page").isZero();
  }

  @Test
  void punchingAHoleFreesThePage() {
    TestTd td = td().call(0, ACCEPT, 0x20_0000).call(0, ACCEPT, 0x20_1000).start();
    td.nextReport();
    long before = td.ram.residentBytes();

    assertThat(td.ram.fallocate(3, 0x20_0000, 0x1000)).isZero();

    assertThat(td.ram.residentBytes()).isEqualTo(before - 4096);
    td.nextReport();
  }

  @Test
  void quoteRequestsGoToUserSpaceWithTheSharedBitStripped() {
    TestTd td =
        td().call(0, 0x10002, SHARED | 0x20_0000, 0x2000).call(0, 0x10002, 0x20_0000, 8).start();

    KvmRun run = td.exit(KvmExit.TDX);
    assertThat(run.tdxNr()).isEqualTo(0x10002);
    assertThat(run.tdxRet()).as("preset").isEqualTo(STATUS_SUBFUNC_UNSUPPORTED);
    assertThat(run.tdxData(0)).isEqualTo(0x20_0000);
    assertThat(run.tdxData(1)).isEqualTo(0x2000);
    run.tdxRet(0);
    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()[0]).as("private buffer").isEqualTo(STATUS_INVALID_OPERAND);
  }

  @Test
  void callInfoIsAnsweredByTheKernelForTheBaseAndByUserSpaceForTheRest() {
    TestTd td = td().call(0, 0x10000, 0).call(0, 0x10000, 1).call(0, 0x10000, 2).start();

    assertThat(td.nextReport()).containsExactly(0, 0);
    KvmRun run = td.exit(KvmExit.TDX);
    assertThat(run.tdxNr()).isEqualTo(0x10000);
    assertThat(run.tdxRet()).isZero();
    assertThat(run.tdxData(0)).isEqualTo(1);
    run.tdxData(1, 2);
    assertThat(td.nextReport()).containsExactly(0, 2);
    assertThat(td.nextReport()[0]).isEqualTo(STATUS_INVALID_OPERAND);
  }

  @Test
  void eventNotifyVectorsBelow32AreRefused() {
    TestTd td = td().call(0, 0x10004, 31).call(0, 0x10004, 0x50).start();

    assertThat(td.nextReport()[0]).isEqualTo(STATUS_INVALID_OPERAND);
    KvmRun run = td.exit(KvmExit.TDX);
    assertThat(run.tdxNr()).isEqualTo(0x10004);
    assertThat(run.tdxData(0)).isEqualTo(0x50);
  }

  @Test
  void fatalErrorsAreSystemEventsAndCanBeResumed() {
    TestTd td = td().call(0, 0x10003, 0xdead, 0x1000, 0x4c41544146L, 0).start();

    KvmRun run = td.exit(KvmExit.SYSTEM_EVENT);
    assertThat(run.systemEventType()).isEqualTo(KvmExit.SYSTEM_EVENT_TDX_FATAL);
    assertThat(run.systemEventNdata()).isEqualTo(16);
    assertThat(run.systemEventData(0)).isEqualTo(77);
    assertThat(run.systemEventData(12)).isEqualTo(0xdead);
    assertThat(run.systemEventData(13)).isEqualTo(0x1000);
    assertThat(run.systemEventData(14)).isEqualTo(0x4c41544146L);
    td.nextReport();
  }

  @Test
  void x2ApicAndMtrrRegistersAreReachedByMsrCalls() {
    TestTd td =
        td().call(0, 32, 0x80f, 0x1ff)
            .call(0, 31, 0x80f)
            .call(0, 31, 0x802)
            .call(0, 31, 0xfe)
            .call(0, 31, 0x1b)
            .call(0, 31, 0xdead)
            .call(0, 32, 0x80b, 0)
            .call(0, 32, 0x277, 0x02)
            .start();

    assertThat(td.nextReport()[0]).isZero();
    assertThat(td.nextReport()).containsExactly(0, 0x1ff);
    assertThat(td.nextReport()).containsExactly(0, 0);
    assertThat(td.nextReport()).containsExactly(0, 0x508);
    assertThat(td.nextReport()).containsExactly(0, 0xfee0_0d00L);
    assertThat(td.nextReport()[0]).as("unknown MSR").isEqualTo(STATUS_INVALID_OPERAND);
    assertThat(td.nextReport()[0]).as("EOI").isEqualTo(STATUS_INVALID_OPERAND);
    assertThat(td.nextReport()[0]).as("bad PAT").isEqualTo(STATUS_INVALID_OPERAND);
  }

  @Test
  void haltBlocksUntilAnInterruptIsPosted() throws InterruptedException {
    TestTd td = td().call(0, 32, 0x80f, 0x1ff).call(0, 12, 0).start();
    td.nextReport();
    long[][] report = new long[1][];
    Thread thread = new Thread(() -> report[0] = td.nextReport());
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    assertThat(td.vm.signalMsi(KvmMsi.of(0xfee0_0000L, 0x41))).isEqualTo(1);

    thread.join();
    assertThat(report[0][0]).isZero();
  }

  @Test
  void aTimerWakesAHaltedVcpu() {
    TestTd td =
        td().call(0, 32, 0x80f, 0x1ff)
            .call(0, 32, 0x832, 0x41)
            .call(0, 32, 0x838, 1000)
            .call(0, 12, 0)
            .start();

    for (int i = 0; i < 4; i++) {
      assertThat(td.nextReport()[0]).isZero();
    }
  }

  @Test
  void aKickInterruptsAHaltedVcpu() throws InterruptedException {
    TestTd td = td().call(0, 12, 0).start();
    int[] result = new int[1];
    Thread thread = new Thread(() -> result[0] = td.vcpu.run());
    thread.start();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }

    td.vcpu.kick();

    thread.join();
    assertThat(result[0]).isEqualTo(-Errno.EINTR);
  }

  @Test
  void immediateExitReturnsBeforeTheGuestRuns() {
    TestTd td = td().call(0, 30, 1, 1, 0x80, 1).start();
    td.vcpu.kvmRun().immediateExit(1);

    assertThat(td.vcpu.run()).isEqualTo(-Errno.EINTR);
    td.vcpu.kvmRun().immediateExit(0);
    td.exit(KvmExit.IO);
  }

  @Test
  void memoryWrittenByTheHostStopsTheTd() {
    TestTd td =
        td().call(0, ACCEPT, 0x20_0000)
            .call(0, TOUCH, 0x20_0000, 5)
            .call(0, 30, 1, 1, 0x80, 1)
            .call(0, TOUCH, 0x20_0ff8, 6)
            .start();
    td.nextReport();
    td.nextReport();
    td.exit(KvmExit.IO);
    long frame = td.ram.file().frames().lookup(0x200);

    for (int at = 0; at < 4096; at += 8) {
      machine.memory.host().write64(new org.swtdx.memory.Hpa(frame + at), 0x4141_4141_4141_4141L);
    }
    td.nextReport();

    KvmRun run = td.exit(KvmExit.INTERNAL_ERROR);
    assertThat(run.internalSuberror()).isEqualTo(KvmExit.INTERNAL_ERROR_UNEXPECTED_EXIT_REASON);
    assertThat(run.internalData(0) >>> 32).isEqualTo(0x6000_0005L);
  }
}
