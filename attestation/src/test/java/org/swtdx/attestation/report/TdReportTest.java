package org.swtdx.attestation.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class TdReportTest {
  /** Every byte of the structure is its own offset modulo 251, so that a field shows its place. */
  private static byte[] numbered(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i % 251);
    }
    return bytes;
  }

  private static void assertPlace(byte[] field, int offset, int size) {
    assertThat(field).isEqualTo(Arrays.copyOfRange(numbered(1024), offset, offset + size));
  }

  @Test
  void fieldsAreWhereTheAbiPutsThem() {
    TdInfo td = new TdInfo(numbered(TdInfo.SIZE));
    assertThat(td.attributes()).isEqualTo(0x0706050403020100L);
    assertThat(td.xfam()).isEqualTo(0x0f0e0d0c0b0a0908L);
    assertPlace(td.mrTd(), 16, 48);
    assertPlace(td.mrConfigId(), 64, 48);
    assertPlace(td.mrOwner(), 112, 48);
    assertPlace(td.mrOwnerConfig(), 160, 48);
    assertPlace(td.rtmr(0), 208, 48);
    assertPlace(td.rtmr(3), 352, 48);
    assertPlace(td.servTdHash(), 400, 48);

    TeeTcbInfo module = new TeeTcbInfo(numbered(TeeTcbInfo.SIZE));
    assertThat(module.valid()).isEqualTo(0x0706050403020100L);
    assertPlace(module.teeTcbSvn(), 8, 16);
    assertPlace(module.mrSeam(), 24, 48);
    assertPlace(module.mrSignerSeam(), 72, 48);
    assertThat(module.attributes()).isEqualTo(0x7f7e7d7c7b7a7978L);
    assertPlace(module.teeTcbSvn2(), 128, 16);

    ReportMacStruct struct = new ReportMacStruct(numbered(ReportMacStruct.SIZE));
    assertThat(struct.type()).isZero();
    assertThat(struct.subType()).isEqualTo(1);
    assertThat(struct.version()).isEqualTo(2);
    assertPlace(struct.cpuSvn(), 16, 16);
    assertPlace(struct.teeTcbInfoHash(), 32, 48);
    assertPlace(struct.teeInfoHash(), 80, 48);
    assertPlace(struct.reportData(), 128, 64);
    assertPlace(struct.mac(), 224, 32);
  }

  @Test
  void composedReportHashesItsPartsAndParsesBack() {
    TdReport report = Reports.report(numbered(64));

    TdReport parsed = TdReport.parse(report.toBytes());

    assertThat(parsed).isEqualTo(report);
    assertThat(parsed.hashesMatch()).isTrue();
    assertThat(parsed.macStruct().type()).isEqualTo(0x81);
    assertThat(parsed.macStruct().version()).isZero();
    assertThat(parsed.macStruct().reportData()).isEqualTo(numbered(64));
    assertThat(Reports.MAC.verify(parsed.macStruct().toBytes())).isTrue();
    // first half of what sha384sum prints for 512 zero bytes
    assertThat(HexFormat.of().formatHex(new TdInfo(new byte[512]).sha384()))
        .startsWith("d83d9a38c238ef3b7bc207bbea3287a8");
  }

  @Test
  void everyBitOfTdAndModuleIsHashed() {
    byte[] report = Reports.report(new byte[64]).toBytes();
    for (int offset : new int[] {256, 494, 512, 528, 1023}) {
      byte[] changed = report.clone();
      changed[offset] ^= 1;

      assertThat(TdReport.parse(changed).hashesMatch()).as("byte %d", offset).isFalse();
    }
  }

  @Test
  void boundServiceTdRaisesTheVersion() {
    byte[] td = new byte[TdInfo.SIZE];
    td[400] = 1;

    TdReport report =
        TdReport.compose(
            new byte[16],
            new TeeTcbInfo(new byte[239]),
            new TdInfo(td),
            new byte[64],
            _ -> new byte[32]);

    assertThat(report.macStruct().version()).isEqualTo(1);
  }

  @Test
  void otherSizesAreNoReport() {
    assertThatIllegalArgumentException().isThrownBy(() -> TdReport.parse(new byte[1023]));
    assertThatIllegalArgumentException().isThrownBy(() -> new TdInfo(new byte[513]));
  }
}
