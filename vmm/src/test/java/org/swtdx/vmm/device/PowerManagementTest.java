package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.vmm.ManualEnvironment;

class PowerManagementTest {
  private final ManualEnvironment environment = new ManualEnvironment();
  private int offs;
  private final PowerManagement power = new PowerManagement(environment, () -> offs++);

  @Test
  void timerCountsAtItsFrequency() {
    assertThat(power.read(8, 4)).isZero();

    environment.advance(1_000_000_000);
    assertThat(power.read(8, 4)).isEqualTo(3_579_545);

    environment.advance(500_000);
    assertThat(power.read(8, 4)).isEqualTo(3_579_545 + 1789);
  }

  @Test
  void timerWrapsAt24Bits() {
    environment.advance(4_687_000_000L + 1_000_000);

    long ticks = 4_688_000_000L * 3_579_545 / 1_000_000_000;
    assertThat(power.read(8, 4)).isEqualTo((int) (ticks & 0xffffff));
    assertThat(power.read(8, 4)).isLessThan(100_000);
  }

  @Test
  void timerStatusIsSetByTheTopBitAndClearedByWritingOne() {
    assertThat(power.read(0, 2)).isZero();
    environment.advance(2_400_000_000L);

    assertThat(power.read(0, 2)).isEqualTo(1);
    power.write(0, 2, 1);
    assertThat(power.read(0, 2)).isZero();
  }

  @Test
  void acpiModeIsAlwaysOn() {
    power.write(4, 2, 0);
    assertThat(power.read(4, 2) & 1).isEqualTo(1);
  }

  @Test
  void sleepingInS5SwitchesOff() {
    power.write(4, 2, 0x2001);
    assertThat(offs).isEqualTo(1);
    assertThat(power.read(4, 2) & 0x2000).isZero();
  }

  @Test
  void otherSleepTypesDoNot() {
    power.write(4, 2, 0x2401);
    power.write(4, 2, 0x0001);
    assertThat(offs).isZero();
  }

  @Test
  void enableRegisterKeepsItsValue() {
    power.write(2, 2, 0x0120);
    assertThat(power.read(2, 2)).isEqualTo(0x0120);
  }
}
