package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmMemoryAttributes;
import org.swtdx.seamcall.port.SeamPort;

/** What KVM makes of values that TDH.VP.ENTER and other leaves may return. */
class EntryReturnTest {
  private static final int VP_ENTER = 0;

  /** The leaf whose next calls are answered instead of the module, and with what. */
  private record Forgery(int leaf, long rax, int times) {}

  private final AtomicReference<Forgery> forgery = new AtomicReference<>(new Forgery(-1, 0, 0));
  @AutoClose private final TestHost machine = new TestHost(2, this::forging);
  private final TestTd td =
      TestTd.withVcpu(machine, 1L << 28)
          .call(0, TestTd.ACCEPT, 0x20_0000)
          .call(0, 30, 1, 1, 0x80, 0x55)
          .start();

  private SeamPort forging(SeamPort module) {
    return (lp, regs) -> {
      Forgery f = forgery.get();
      if ((int) (regs.rax & 0xffff) == f.leaf && f.times > 0) {
        forgery.set(new Forgery(f.leaf, f.rax, f.times - 1));
        regs.rax = f.rax;
        regs.rcx = 0;
        regs.rdx = 0;
        regs.r8 = 0;
        regs.r9 = 0;
      } else {
        module.seamcall(lp, regs);
      }
    };
  }

  @AfterEach
  void forgeNoMore() {
    forgery.set(new Forgery(-1, 0, 0));
  }

  private void nextEntryReturns(long value) {
    forgery.set(new Forgery(VP_ENTER, value, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "0x4000000100000002, KVM_EXIT_SHUTDOWN", // triple fault, vCPU disabled
    "0x0000000000000002, KVM_EXIT_SHUTDOWN",
    "0x4000000180000021, KVM_EXIT_FAIL_ENTRY", // failed VM entry
    "0x6000000500000000, KVM_EXIT_INTERNAL_ERROR", // TD not accessible
    "0x6000000200000030, KVM_EXIT_INTERNAL_ERROR", // TD dead, whatever the exit reason says
    "0x6000000200000000, KVM_EXIT_INTERNAL_ERROR", // must not be taken for an NMI
    "0xC000010000000000, KVM_EXIT_INTERNAL_ERROR", // operand invalid: low half is no exit reason
    "0xC000010000000001, KVM_EXIT_INTERNAL_ERROR",
    "0x8000070100000000, KVM_EXIT_INTERNAL_ERROR", // associated elsewhere
    "0x0000081500000001, KVM_EXIT_INTERNAL_ERROR", // success class, but no exit
    "0x00000000000000ff, KVM_EXIT_INTERNAL_ERROR", // no such exit reason
    "0x0000000000000007, KVM_EXIT_INTERNAL_ERROR"
  })
  void everyReturnHasItsExit(String value, String exit) {
    long ret = Long.parseUnsignedLong(value.substring(2), 16);
    nextEntryReturns(ret);

    assertThat(td.vcpu.run()).isZero();

    assertThat(KvmExit.name(td.vcpu.kvmRun().exitReason())).isEqualTo(exit);
    if (exit.equals("KVM_EXIT_INTERNAL_ERROR")) {
      assertThat(td.vcpu.kvmRun().internalSuberror()).isEqualTo(4);
      assertThat(td.vcpu.kvmRun().internalData(0)).isEqualTo(ret);
    }
    assertThat(td.nextReport()[0]).as("the TD itself was not touched").isZero();
  }

  @Test
  void busyEntriesAreRepeatedWithoutLeavingToUserSpace() {
    forgery.set(new Forgery(VP_ENTER, 0x8000_0200_0000_0092L, 50));

    assertThat(td.nextReport()[0]).isZero();

    assertThat(forgery.get().times).isZero();
  }

  @Test
  void anInstructionThatFailsKillsTheVm() {
    nextEntryReturns(0x8000_ff00_0000_000dL);

    assertThat(td.vcpu.run()).isZero();
    assertThat(td.vcpu.kvmRun().exitReason()).isEqualTo(KvmExit.INTERNAL_ERROR);
    assertThat(td.vcpu.run()).isEqualTo(-Errno.EIO);
  }

  @Test
  void randomReturnsNeverThrowAndNeverPassForATdvmcall() {
    SplittableRandom random = new SplittableRandom(7);
    int runs = 0;
    for (int i = 0; i < 500; i++) {
      long value = random.nextLong();
      boolean plausible = (value & 0xffff) == 77 || (value & 0xffff) == 48;
      if (!plausible && (value >>> 40 & 0xff) != 0xff && (int) (value >>> 32) != 0x8000_0200) {
        nextEntryReturns(value);
        assertThat(td.vcpu.run()).isZero();
        assertThat(td.vcpu.kvmRun().exitReason())
            .isIn(KvmExit.INTERNAL_ERROR, KvmExit.FAIL_ENTRY, KvmExit.SHUTDOWN);
        runs++;
      }
    }
    assertThat(runs).isGreaterThan(400);
    assertThat(td.nextReport()[0]).isZero();
  }

  @ParameterizedTest
  @CsvSource({"6, 3", "3, 2"})
  void busyFaultsAreRetriedUntilTheLockIsFree(int leaf, int times) {
    forgery.set(new Forgery(leaf, 0x8000_0200_0000_0092L, times));

    assertThat(td.nextReport()[0]).isZero();

    assertThat(forgery.get().times).isZero();
  }

  @Test
  void anUnexpectedErrorOfAugKillsTheVm() {
    forgery.set(new Forgery(6, 0xc000_0300_0000_0008L, 1));

    assertThat(td.vcpu.run()).isEqualTo(-Errno.EIO);

    assertThat(machine.host.kernelLog())
        .anyMatch(s -> s.contains("TDH.MEM.PAGE.AUG failed: TDX_PAGE_METADATA_INCORRECT(R8)"));
  }

  @ParameterizedTest
  @CsvSource({"7", "38", "29"})
  void zapRetriesABusyLeafExactlyOnce(int leaf) {
    td.nextReport();
    forgery.set(new Forgery(leaf, 0x8000_0200_0000_0092L, 1));

    assertThat(td.attributes(0x20_0000, 0x1000, 0)).isZero();
    assertThat(td.attributes(0x20_0000, 0x1000, KvmMemoryAttributes.PRIVATE)).isZero();
    assertThat(td.exit(KvmExit.IO).ioData8(0)).isEqualTo(0x55);
  }

  @Test
  void zapThatStaysBusyKillsTheVm() {
    td.nextReport();
    forgery.set(new Forgery(7, 0x8000_0200_0000_0092L, 2));

    assertThat(td.attributes(0x20_0000, 0x1000, 0)).isEqualTo(-Errno.EIO);
  }
}
