package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;
import org.swtdx.kvm.uapi.KvmRun;

final class VgaAdviceTest {
  private static List<String> adviceFor(int reason, long flags, long gpa) {
    KvmRun run = new KvmRun().exitReason(reason);
    run.memoryFaultFlags(flags).memoryFaultGpa(gpa).memoryFaultSize(4096);
    try (Warnings warnings = new Warnings()) {
      VgaAdvice.forFailedRun(run);
      return warnings.said();
    }
  }

  @Test
  void aTdThatAcceptsTheCardsAddressesIsToBeWithoutTheCard() {
    assertThat(adviceFor(KvmExit.MEMORY_FAULT, KvmExit.MEMORY_FAULT_PRIVATE, 0xa1000))
        .singleElement()
        .asString()
        .contains("0xa1000", "-vga none");
  }

  @Test
  void nothingElseIsSpokenOf() {
    assertThat(adviceFor(KvmExit.MEMORY_FAULT, 0, 0xa2000)).isEmpty();
    assertThat(adviceFor(KvmExit.MEMORY_FAULT, KvmExit.MEMORY_FAULT_PRIVATE, 0x9f000)).isEmpty();
    assertThat(adviceFor(KvmExit.MEMORY_FAULT, KvmExit.MEMORY_FAULT_PRIVATE, 0xc0000)).isEmpty();
    assertThat(adviceFor(KvmExit.IO, KvmExit.MEMORY_FAULT_PRIVATE, 0xa3000)).isEmpty();
  }
}
