package org.swtdx.attestation.mrtd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfImageBuilder;

class MrtdCalculatorTest {
  private record Expected(String kvm, String twoPass) {}

  /** Values for Debian's ovmf 2022.11-6+deb12u2 and 2025.02-8+deb13u1, by the image's SHA-256. */
  private static final Map<String, Expected> DEBIAN =
      Map.of(
          "7b456907dd0786d4",
          new Expected(
              "4c7206f0f483c524f12c366c711e9049030a8d47c471ee5aa9c4999a08de4057"
                  + "fb887fed0744d5631a212967fb231c47",
              "acccbcc870a381adab0d3919d90a7f268ac3b0364771f202ed4bb4e892d045b3"
                  + "3db3b32e6924cba830a724eed443f7e1"),
          "14954040cc754ade",
          new Expected(
              "bdc6fb145880f06f30c8b346b8dce2a99d9351b56892df22f80fcf6574caa9f9"
                  + "c31df8e8576d53b4d0cd1c3f28910e11",
              "456f07902150d008bb913c3e1e84e9297f735a6c83cd2a957a1f0a8bbedb06df"
                  + "188e3837ae48d32c73d473d097dc0db2"),
          "6ee6a5db7a1443d1",
          new Expected(
              "4ac853424319107fb06eab2cbb29ca6de5775b10a12f76e5574fcc17dbf031f2"
                  + "1b8822918caf8c428e58ab4340dea663",
              "9b565c563daaa97cb928e7969a07fc20157057ddea5fd54399f8b80a291a0618"
                  + "3ed8e89803918cd4cb57dc2b655ef64d"),
          "d9b568def24088c9",
          new Expected(
              "2aba0dfcd6cd7cd68ee45b8f09cbfefaf2e9798141847fd8f45c7d144deda2bc"
                  + "1225ccbac11bb7df18d694b49227a449",
              "e9b3e2720c22bf9569291725071a4b2e4e2f9f5fab7451bafeb17c17aa56e900"
                  + "fca14ea2b9a2af9f52e763c671843e45"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/usr/share/ovmf/OVMF.fd",
        "/usr/share/OVMF/OVMF_CODE.secboot.fd",
        "/usr/share/OVMF/OVMF_CODE.fd"
      })
  void debianFirmwareHasItsPublishedMeasurement(Path file) throws Exception {
    require(Files.isReadable(file), file + " is missing: install the Debian package ovmf");
    byte[] bytes = Files.readAllBytes(file);
    String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    Expected expected = DEBIAN.get(sha.substring(0, 16));
    require(expected != null, file + " is of an unknown version of the Debian package ovmf");
    TdvfImage image = TdvfImage.parse(bytes);

    assertThat(hex(image, MeasurementOrder.KVM)).isEqualTo(expected.kvm());
    assertThat(hex(image, MeasurementOrder.TWO_PASS)).isEqualTo(expected.twoPass());
  }

  @ParameterizedTest
  @CsvSource({"KVM", "TWO_PASS"})
  void measurementIsTheHashOfTheSpecifiedRecords(MeasurementOrder order) throws Exception {
    byte[] bytes = TdvfImageBuilder.ordinary().section(0, 0, 0x900000, 0x8000, 4, 2).build();
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int page = 0; page < 15; page++) {
      records.writeBytes(record("MEM.PAGE.ADD", 0xffff1000L + page * 4096L));
      if (order == MeasurementOrder.KVM) {
        extend(records, bytes, page);
      }
    }
    for (int page = 0; page < 15 && order == MeasurementOrder.TWO_PASS; page++) {
      extend(records, bytes, page);
    }
    records.writeBytes(record("MEM.PAGE.ADD", 0xffff0000L));
    for (long gpa = 0x810000; gpa < 0x814000; gpa += 4096) {
      records.writeBytes(record("MEM.PAGE.ADD", gpa));
    }
    records.writeBytes(record("MEM.PAGE.ADD", 0x809000));
    records.writeBytes(record("MEM.PAGE.ADD", 0x80a000));
    byte[] expected = MessageDigest.getInstance("SHA-384").digest(records.toByteArray());

    assertThat(MrtdCalculator.mrtd(TdvfImage.parse(bytes), order)).isEqualTo(expected);
  }

  @Test
  void everyMeasuredBitCounts() throws Exception {
    byte[] bytes = TdvfImageBuilder.ordinary().build();
    String before = hex(TdvfImage.parse(bytes), MeasurementOrder.KVM);

    bytes[0x7654] ^= 0x10;
    String flippedInCode = hex(TdvfImage.parse(bytes), MeasurementOrder.KVM);
    bytes[0x7654] ^= 0x10;
    bytes[0x10] ^= 1;
    String flippedInVariables = hex(TdvfImage.parse(bytes), MeasurementOrder.KVM);

    assertThat(flippedInCode).isNotEqualTo(before);
    assertThat(flippedInVariables).isEqualTo(before);
  }

  @Test
  void reportSaysWhatEachSectionAdds() throws Exception {
    TdvfImage image = TdvfImage.parse(TdvfImageBuilder.ordinary().build());

    MrtdReport report = MrtdCalculator.report(image, MeasurementOrder.KVM);

    assertThat(report.mrtdBytes()).isEqualTo(MrtdCalculator.mrtd(image, MeasurementOrder.KVM));
    assertThat(report.sections()).extracting(s -> s.pagesAdded()).containsExactly(15L, 1L, 4L, 2L);
    assertThat(report.sections())
        .extracting(s -> s.chunksExtended())
        .containsExactly(240L, 0L, 0L, 0L);
    assertThat(report.bytesHashed()).isEqualTo(22 * 128 + 240 * 384);
    assertThat(report.sections().getLast().mrtdAfter()).isEqualTo(report.mrtd());
  }

  @Test
  void contentsOfASectionAreHashedWithoutItsAddress() throws Exception {
    TdvfImage image = TdvfImage.parse(TdvfImageBuilder.ordinary().build());
    byte[] code = Arrays.copyOfRange(image.bytes(), 0x1000, 0x10000);

    assertThat(MrtdCalculator.contentsSha384(image, image.sections().getFirst()))
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-384").digest(code)));
    assertThat(MrtdCalculator.contentsSha384(image, image.sections().getLast())).isEmpty();
  }

  private static String hex(TdvfImage image, MeasurementOrder order) {
    return HexFormat.of().formatHex(MrtdCalculator.mrtd(image, order));
  }

  private static byte[] record(String name, long gpa) {
    ByteBuffer record = ByteBuffer.allocate(128).order(ByteOrder.LITTLE_ENDIAN);
    record.put(name.getBytes(US_ASCII));
    return record.putLong(16, gpa).array();
  }

  private static void extend(ByteArrayOutputStream records, byte[] image, int page) {
    for (int chunk = 0; chunk < 4096; chunk += 256) {
      int offset = page * 4096 + chunk;
      records.writeBytes(record("MR.EXTEND", 0xffff1000L + offset));
      records.write(image, 0x1000 + offset, 256);
    }
  }

  /** Skips the test without its precondition, or fails it where skips are not allowed. */
  private static void require(boolean met, String message) {
    if ("true".equals(System.getenv("CI"))) {
      assertTrue(met, message);
    }
    assumeTrue(met, message);
  }
}
