package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.vmm.ManualEnvironment;
import org.swtdx.vmm.bus.PortDevice;

class IntervalTimerTest {
  private final ManualEnvironment environment = new ManualEnvironment();
  private final IntervalTimer timer = new IntervalTimer(environment);
  private final PortDevice gate = timer.gatePort();

  private int latched(int channel) {
    timer.writeByte(3, channel << 6);
    return timer.readByte(channel) | timer.readByte(channel) << 8;
  }

  @Test
  void rateGeneratorCountsDownAndReloads() {
    timer.writeByte(3, 0x34);
    timer.writeByte(0, 0xe8);
    timer.writeByte(0, 0x03);
    assertThat(latched(0)).isEqualTo(1000);

    environment.advance(500 * 1_000_000_000L / IntervalTimer.HZ + 1);
    assertThat(latched(0)).isEqualTo(500);

    environment.advance(700 * 1_000_000_000L / IntervalTimer.HZ + 1);
    assertThat(latched(0)).isEqualTo(800);
  }

  @Test
  void gatedChannelRaisesItsOutputAtTheEnd() {
    gate.writeByte(0, 0);
    timer.writeByte(3, 0xb0);
    timer.writeByte(2, 0xa9);
    timer.writeByte(2, 0x04);
    gate.writeByte(0, 1);
    assertThat(gate.readByte(0) & 0x20).isZero();

    environment.advance(999_000);
    assertThat(gate.readByte(0) & 0x20).isZero();
    environment.advance(2_000);
    assertThat(gate.readByte(0) & 0x20).isEqualTo(0x20);
  }

  @Test
  void closedGateStopsTheCount() {
    timer.writeByte(3, 0xb0);
    timer.writeByte(2, 0xff);
    timer.writeByte(2, 0xff);
    gate.writeByte(0, 1);
    environment.advance(1_000_000);
    gate.writeByte(0, 0);
    int before = latched(2);
    environment.advance(1_000_000);

    assertThat(latched(2)).isEqualTo(before).isEqualTo(0xffff - 1193);
  }

  @Test
  void readBackLatchesStatusAndCount() {
    timer.writeByte(3, 0x36);
    timer.writeByte(0, 0);
    timer.writeByte(0, 0);
    timer.writeByte(3, 0xc2);

    assertThat(timer.readByte(0)).isEqualTo(0x80 | 0x36);
  }
}
