package org.swtdx.cpu.silicon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StateSavingTest {
  private static final long SCRATCH = 0x1000_0000L;
  private static final int AREA = 1024;
  private static final int SIGSEGV = 11;
  private static final String FXSAVE = "480fae00";
  private static final String FXRSTOR = "480fae08";
  private static final String XSAVE = "480fae20";
  private static final String XRSTOR = "480fae28";
  private static final String XSAVEOPT = "480fae30";
  private static final String XSAVEC = "480fc720";

  private final SoftProcessor processor = new SoftProcessor(SCRATCH);
  private final MachineState before = new MachineState();
  private final MachineState after = new MachineState();

  @BeforeEach
  void fillRegisters() {
    SplittableRandom random = new SplittableRandom(7);
    for (int k = 0; k < 64; k++) {
      before.vec[k] = random.nextLong();
    }
    for (int k = 0; k < 8; k++) {
      before.significand[k] = random.nextLong();
      before.signExponent[k] = random.nextInt(0x10000);
    }
    before.status = 3 << 11 | 0x4000;
    before.used = 0xa5;
    before.mxcsr = 0x1fa0;
    before.gpr[0] = SCRATCH + AREA;
  }

  private void run(String code, MachineState in) {
    processor.run(HexFormat.of().parseHex(code), 0x4000, in, after);
  }

  /** EAX both points to the area and is the feature mask, so the pointer goes to RBX instead. */
  private void runXsave(String code, int mask, MachineState in) {
    in.gpr[0] = mask;
    in.gpr[2] = 0;
    in.gpr[3] = SCRATCH + AREA;
    String withRbx = code.substring(0, 6) + "%02x".formatted(Integer.parseInt(code, 6, 8, 16) | 3);
    run(withRbx, in);
  }

  private long area(int offset) {
    return after.memory[(AREA + offset) / 8];
  }

  @Test
  void fxsaveThenFxrstorBringsBackX87AndSseState() {
    run(FXSAVE, before);
    MachineState other = new MachineState();
    System.arraycopy(after.memory, 0, other.memory, 0, other.memory.length);
    other.gpr[0] = before.gpr[0];
    run(FXRSTOR, other);

    assertThat(after.signal).isZero();
    assertThat(after.significand).isEqualTo(before.significand);
    assertThat(after.signExponent).isEqualTo(before.signExponent);
    assertThat(after.status).isEqualTo(before.status);
    assertThat(after.used).isEqualTo(before.used);
    assertThat(after.mxcsr).isEqualTo(before.mxcsr);
    assertThat(after.vec[41]).isEqualTo(before.vec[41]);
    assertThat(after.vec[42]).isZero();
  }

  @Test
  void fxsaveReportsTheMxcsrMaskAndStacksRegistersFromTop() {
    run(FXSAVE, before);

    assertThat(area(24) >>> 32).isEqualTo(0xffff);
    assertThat(area(32)).isEqualTo(before.significand[3]);
    assertThat(area(40)).isEqualTo(before.signExponent[3]);
  }

  @Test
  void fxrstorRefusesReservedMxcsrBitsAndChangesNothing() {
    before.memory[(AREA + 24) / 8] = 0x10000;
    run(FXRSTOR, before);

    assertThat(after.signal).isEqualTo(SIGSEGV);
    assertThat(after.significand).isEqualTo(before.significand);
  }

  @Test
  void misalignedFxsaveIsAGeneralProtectionFault() {
    before.gpr[0] += 8;
    run(FXSAVE, before);

    assertThat(after.signal).isEqualTo(SIGSEGV);
    assertThat(after.memory).isEqualTo(before.memory);
  }

  @Test
  void xsaveWritesRequestedComponentsAndKeepsOtherHeaderBits() {
    before.memory[(AREA + 512) / 8] = 0x206;
    runXsave(XSAVE, 5, before);

    assertThat(area(512)).isEqualTo(0x207);
    assertThat(area(160)).isZero();
    assertThat(area(576)).isEqualTo(before.vec[2]);
    assertThat(area(32)).isEqualTo(before.significand[3]);
  }

  @Test
  void xsaveoptSkipsComponentsInTheirInitialConfiguration() {
    java.util.Arrays.fill(before.memory, -1);
    before.memory[(AREA + 512) / 8] = 7;
    for (int k = 0; k < 64; k += 4) {
      before.vec[k + 2] = 0;
      before.vec[k + 3] = 0;
    }
    runXsave(XSAVEOPT, 7, before);

    assertThat(area(512)).isEqualTo(3);
    assertThat(area(576)).isEqualTo(-1);
    assertThat(area(160)).isEqualTo(before.vec[0]);
  }

  @Test
  void xsavecStatesItsLayoutAndXrstorReadsIt() {
    runXsave(XSAVEC, 7, before);
    assertThat(area(512)).isEqualTo(7);
    assertThat(area(520)).isEqualTo(Long.MIN_VALUE | 7);

    MachineState other = new MachineState();
    System.arraycopy(after.memory, 0, other.memory, 0, other.memory.length);
    runXsave(XRSTOR, 7, other);

    assertThat(after.signal).isZero();
    assertThat(after.vec).isEqualTo(before.vec);
    assertThat(after.mxcsr).isEqualTo(before.mxcsr);
    assertThat(after.significand).isEqualTo(before.significand);
  }

  @Test
  void xrstorInitializesRequestedComponentsThatAreNotInTheImage() {
    before.memory[(AREA + 24) / 8] = 0x1f80;
    runXsave(XRSTOR, 6, before);

    assertThat(after.vec).containsOnly(0);
    assertThat(after.mxcsr).isEqualTo(0x1f80);
    assertThat(after.significand).isEqualTo(before.significand);
  }

  @Test
  void xrstorRefusesComponentsThatAreNotEnabledAndReservedHeaderBytes() {
    before.memory[(AREA + 512) / 8] = 1 << 9;
    runXsave(XRSTOR, 7, before);
    assertThat(after.signal).isEqualTo(SIGSEGV);

    before.memory[(AREA + 512) / 8] = 0;
    before.memory[(AREA + 528) / 8] = 1;
    runXsave(XRSTOR, 7, before);
    assertThat(after.signal).isEqualTo(SIGSEGV);
    assertThat(after.vec).isEqualTo(before.vec);
  }
}
