package org.swtdx.vmm.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.KvmRun;
import org.swtdx.vmm.Outcome;

class FatalReportTest {
  private static final int[] ORDER = {14, 15, 3, 7, 6, 8, 9, 2};

  private static KvmRun run(String text, long code) {
    KvmRun run = new KvmRun();
    byte[] bytes = java.util.Arrays.copyOf(text.getBytes(StandardCharsets.ISO_8859_1), 64);
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long mask = 0;
    for (int i = 0; i < ORDER.length; i++) {
      run.systemEventData(ORDER[i], words.getLong(8 * i));
      mask |= 1L << ORDER[i];
    }
    run.systemEventData(1, mask).systemEventData(12, code).systemEventData(13, 0x1234000);
    return run;
  }

  @Test
  void textIsReadFromTheRegistersInTheirOrder() {
    String text = "TD HOB is broken: resource 12 of 17 ends beyond the memory map.";

    assertThat(FatalReport.decode(run(text, 0x10000)))
        .isEqualTo(new Outcome.FatalError(0x10000, text, OptionalLong.empty()));
  }

  @Test
  void validAddressIsReported() {
    Outcome outcome = FatalReport.decode(run("no", 1L << 63));

    assertThat(outcome).isEqualTo(new Outcome.FatalError(0, "no", OptionalLong.of(0x1234000)));
    assertThat(outcome.describe())
        .isEqualTo("the guest reported a fatal error, code 0x0: no (details at gpa 0x1234000)");
    assertThat(outcome.exitStatus()).isEqualTo(1);
  }

  @Test
  void unprintableBytesBecomeDots() {
    assertThat(FatalReport.decode(run("a\u001b[31mb", 0)).describe()).endsWith(": a.[31mb");
  }

  @Test
  void registersNotPassedAreNotRead() {
    KvmRun run = run("secret", 0);
    run.systemEventData(1, 0);

    assertThat(FatalReport.decode(run))
        .isEqualTo(new Outcome.FatalError(0, "", OptionalLong.empty()));
  }
}
