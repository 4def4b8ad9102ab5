package org.swtdx.vmm.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.vmm.ManualEnvironment;
import org.swtdx.vmm.ManualTimers;

class RealTimeClockTest {
  private static final long GIB = 1L << 30;

  private final ManualEnvironment environment = new ManualEnvironment();
  private final ManualTimers timers = new ManualTimers(environment);
  private final List<Boolean> line = new ArrayList<>();
  private final RealTimeClock clock =
      new RealTimeClock(environment, timers, line::add, 2 * GIB, 2 * GIB, 2);

  private int read(int index) {
    clock.writeByte(0, index);
    return clock.readByte(1);
  }

  private void write(int index, int value) {
    clock.writeByte(0, index);
    clock.writeByte(1, value);
  }

  @ParameterizedTest(name = "register {0} is {1}")
  @CsvSource({
    "0x00, 0x56", "0x02, 0x34", "0x04, 0x12", "0x06, 7", "0x07, 0x21", "0x08, 0x11",
    "0x09, 0x26", "0x32, 0x20", "0x0a, 0x26", "0x0b, 2", "0x0c, 0", "0x0d, 0x80"
  })
  void clockShowsUniversalTimeInBcd(String register, String value) {
    assertThat(read(Integer.decode(register))).isEqualTo(Integer.decode(value));
  }

  @ParameterizedTest(name = "CMOS {0} is {1}")
  @CsvSource({
    "0x34, 0x00",
    "0x35, 0x7f",
    "0x5b, 0x00",
    "0x5c, 0x80",
    "0x5d, 0x00",
    "0x5f, 1",
    "0x15, 0x80",
    "0x16, 0x02",
    "0x17, 0xff",
    "0x18, 0xff",
    "0x0f, 0"
  })
  void memorySizesStandWhereFirmwareLooks(String register, String value) {
    assertThat(read(Integer.decode(register))).isEqualTo(Integer.decode(value));
  }

  @Test
  void binaryAndTwelveHourModesWork() {
    write(0x0b, 4);
    assertThat(read(4)).isEqualTo(12 | 0x80);
    assertThat(read(2)).isEqualTo(34);

    write(0x0b, 6);
    assertThat(read(4)).isEqualTo(12);
  }

  @Test
  void aSetTimeRunsOn() {
    write(0x0b, 0x82);
    write(9, 0x30);
    write(8, 0x01);
    write(7, 0x31);
    write(4, 0x23);
    write(2, 0x59);
    write(0, 0x58);
    assertThat(read(0)).isEqualTo(0x58);
    write(0x0b, 2);
    environment.advance(3_000_000_000L);

    assertThat(new int[] {read(9), read(8), read(7), read(4), read(2), read(0)})
        .containsExactly(0x30, 0x02, 0x01, 0x00, 0x00, 0x01);
  }

  @Test
  void anImpossibleTimeIsIgnored() {
    write(8, 0x77);
    assertThat(read(8)).isEqualTo(0x11);
  }

  @Test
  void periodicInterruptsComeAtTheirRateOnceTheFlagsAreRead() {
    write(0x0b, 0x42);
    int raised = 0;
    for (int i = 0; i < 1024; i++) {
      line.clear();
      timers.advance(976_563); // 1/1024 s and a bit
      raised += line.contains(true) ? 1 : 0;
      assertThat(read(0x0c) & 0xc0).isEqualTo(0xc0);
      assertThat(read(0x0c)).as("reading clears").isZero();
    }
    assertThat(raised).isEqualTo(1024);

    write(0x0a, 0x2f); // 2 Hz
    line.clear();
    timers.advance(400_000_000);
    assertThat(line).doesNotContain(true);
    timers.advance(200_000_000);
    assertThat(line).contains(true);
  }

  @Test
  void theUpdateInterruptComesEachSecond() {
    write(0x0b, 0x12);

    timers.advance(1_000_000_000);

    assertThat(line).contains(true);
    assertThat(read(0x0c)).isEqualTo(0x90 | 0x40); // periods passed as well
  }

  @Test
  void theAlarmRingsWhenItsFieldsMatch() {
    write(1, 0x59);
    write(3, 0xff);
    write(5, 0xff);
    write(0x0b, 0x22);

    timers.advance(2_500_000_000L); // 12:34:58
    assertThat(line).doesNotContain(true);
    timers.advance(1_000_000_000);

    assertThat(line).contains(true);
    assertThat(read(0x0c) & 0xb0).isEqualTo(0xb0);
  }

  @Test
  void flagsAreSetWithoutInterruptsToo() {
    timers.advance(1_500_000_000);

    assertThat(read(0x0c)).isEqualTo(0x50);
    assertThat(line).doesNotContain(true);
  }

  @Test
  void otherCellsAreMemory() {
    write(0x0f, 0xfe);
    assertThat(read(0x0f)).isEqualTo(0xfe);
  }
}
