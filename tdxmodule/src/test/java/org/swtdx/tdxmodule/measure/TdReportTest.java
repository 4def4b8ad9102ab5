package org.swtdx.tdxmodule.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.seam.ReportKey;

class TdReportTest {
  private static final Environment ENVIRONMENT = Environment.system(1_000_000_000L);

  private final ReportKey key = new ReportKey(ENVIRONMENT);

  @Test
  void fieldsLieWhereTheReportStructureHasThem() {
    byte[] report = report();

    assertThat(report).hasSize(1024);
    assertThat(report[0]).isEqualTo((byte) 0x81);
    assertThat(slice(report, 1, 16)).containsOnly(0);
    assertThat(slice(report, 16, 32)).isEqualTo(key.cpuSvn());
    assertThat(slice(report, 32, 80)).isEqualTo(Sha384.of(report, 256, 239));
    assertThat(slice(report, 80, 128)).isEqualTo(Sha384.of(report, 512, 512));
    assertThat(slice(report, 128, 192)).isEqualTo(data());
    assertThat(slice(report, 192, 224)).containsOnly(0);
    assertThat(slice(report, 495, 512)).containsOnly(0);
  }

  @Test
  void tdInfoHoldsAttributesMeasurementsAndRegisters() {
    byte[] report = report();

    assertThat(LittleEndian.u64(report, 512)).isEqualTo(0x1000_0000L);
    assertThat(LittleEndian.u64(report, 520)).isEqualTo(0xe7);
    assertThat(slice(report, 528, 576)).containsOnly(1);
    assertThat(slice(report, 576, 624)).containsOnly(2);
    assertThat(slice(report, 624, 672)).containsOnly(3);
    assertThat(slice(report, 672, 720)).containsOnly(4);
    assertThat(slice(report, 720, 768)).containsOnly(0);
    assertThat(slice(report, 864, 912)).isEqualTo(registers().get(3));
    assertThat(slice(report, 912, 1024)).containsOnly(0);
  }

  @Test
  void moduleIsMeasuredInTeeTcbInfo() {
    byte[] report = report();

    assertThat(LittleEndian.u64(report, 256)).isEqualTo(0x301ff);
    assertThat(slice(report, 280, 328)).isEqualTo(TeeTcbInfo.mrSeam());
    assertThat(slice(report, 328, 376)).containsOnly(0);
  }

  @Test
  void boundServiceTdRaisesTheVersion() {
    byte[] report = TdReport.build(key, new byte[512], data(), true);

    assertThat(report[2]).isEqualTo((byte) 1);
  }

  @Test
  void macHoldsForTheOwnPlatformOnly() {
    byte[] report = report();

    assertThat(key.verify(report)).isTrue();
    assertThat(new ReportKey(ENVIRONMENT).verify(report)).isFalse();
  }

  @Test
  void everyByteBeforeTheMacIsAuthenticated() {
    byte[] report = report();
    for (int i = 0; i < ReportKey.STRUCT_SIZE; i++) {
      report[i] ^= 1;
      assertThat(key.verify(report)).as("byte %d", i).isFalse();
      report[i] ^= 1;
    }
    assertThat(key.verify(report)).isTrue();
  }

  @Test
  void higherSecurityVersionThanThePlatformsIsUnknown() {
    byte[] report = report();
    assertThat(TdReport.knownCpuSvn(key, report)).isTrue();

    report[16]++;

    assertThat(TdReport.knownCpuSvn(key, report)).isFalse();
  }

  private byte[] report() {
    TdInfo info =
        new TdInfo()
            .features(0x1000_0000L, 0xe7)
            .mrtd(filled(1))
            .owner(filled(2), filled(3), filled(4))
            .runtimeMeasurements(registers())
            .serviceTdHash(new byte[48]);
    return TdReport.build(key, info.encode(), data(), false);
  }

  private static RuntimeMeasurements registers() {
    RuntimeMeasurements registers = new RuntimeMeasurements();
    registers.extend(3, filled(7));
    return registers;
  }

  private static byte[] data() {
    byte[] data = new byte[64];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 3);
    }
    return data;
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[48];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }
}
