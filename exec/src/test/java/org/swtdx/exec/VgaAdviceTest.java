package org.swtdx.exec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmExit;

final class VgaAdviceTest {
  private static List<String> adviceFor(int reason, long flags, long gpa) {
    byte[] data = new byte[256];
    ByteBuffer.wrap(data).order(ByteOrder.nativeOrder()).putLong(flags).putLong(gpa).putLong(4096);
    try (Warnings warnings = new Warnings()) {
      VgaAdvice.forFailedRun(reason, data);
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
