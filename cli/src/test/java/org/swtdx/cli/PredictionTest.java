package org.swtdx.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogs;
import org.swtdx.attestation.eventlog.LogComparison;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Replay;
import org.swtdx.attestation.predict.OvmfPrediction;
import org.swtdx.attestation.tdvf.TdvfImage;

/** Predicted registers against those of a run. */
class PredictionTest {
  @TempDir private Path folder;

  /**
   * OVMF that measures: Debian's package ovmf has it since trixie (2025.02), or the file that the
   * environment variable names. Bookworm's, which continuous integration has, does not.
   */
  private static Path measuringOvmf() throws Exception {
    String named = System.getenv("SWTDX_MEASURING_OVMF");
    for (Path path :
        Stream.of(named == null ? "" : named, DebianOvmf.IMAGE.toString()).map(Path::of).toList()) {
      if (Files.isRegularFile(path)
          && OvmfPrediction.measures(TdvfImage.parse(Files.readAllBytes(path)))) {
        return path;
      }
    }
    assumeTrue(false, "needs OVMF that measures: Debian trixie's package ovmf");
    throw new AssertionError();
  }

  private EventLog run(Path firmware, String memory, String cpus) throws Exception {
    Path json = folder.resolve("run.json");
    CommandLineRun run =
        CommandLineRun.of(
            "run",
            "--firmware",
            firmware.toString(),
            "--memory",
            memory,
            "--cpus",
            cpus,
            "--serial",
            "null",
            "--until",
            "Shell> ",
            "--json",
            json.toString());
    assertThat(run.status()).as(run.err()).isZero();
    EventLog log = EventLogs.read(Files.readAllBytes(json));
    for (int i = 0; i < 4; i++) {
      assertThat(run.err())
          .as("replay of the run's extensions")
          .contains("RTMR" + i + "          " + Replay.of(log).value(MeasurementRegister.rtmr(i)));
    }
    return log;
  }

  private EventLog predict(Path firmware, String memory, String cpus) throws Exception {
    Path log = folder.resolve("predicted.bin");
    CommandLineRun measure =
        CommandLineRun.of(
            "measure",
            firmware.toString(),
            "--predict",
            "--memory",
            memory,
            "--cpus",
            cpus,
            "--ccel",
            log.toString());
    assertThat(measure.status()).as(measure.err()).isZero();
    return EventLogs.read(Files.readAllBytes(log));
  }

  @ParameterizedTest
  @CsvSource({"1, 256M", "2, 2816M"})
  void aRunOfMeasuringOvmfExtendsWhatWasPredicted(String cpus, String memory) throws Exception {
    Path firmware = measuringOvmf();

    LogComparison comparison =
        LogComparison.of(run(firmware, memory, cpus), predict(firmware, memory, cpus));

    assertThat(comparison.rows()).allSatisfy(row -> assertThat(row.divergence()).isEmpty());
    assertThat(comparison.rows().getFirst().agreeing()).isEqualTo(14);
    assertThat(comparison.rows().get(1).agreeing()).isEqualTo(3);
  }

  @Test
  void bookwormsOvmfLeavesTheRegistersZeroAsPredicted() throws Exception {
    Path firmware = DebianOvmf.require();
    assumeTrue(
        !OvmfPrediction.measures(TdvfImage.parse(Files.readAllBytes(firmware))),
        "this OVMF measures; the other test covers it");

    CommandLineRun measure =
        CommandLineRun.of("measure", "--firmware", firmware.toString(), "--predict");

    assertThat(measure.out())
        .contains("RTMR0 " + "00".repeat(48), "RTMR3 " + "00".repeat(48), "no measured boot");
  }

  @Test
  void otherMachinesHaveOtherRegisters() throws Exception {
    Path firmware = measuringOvmf();
    List<String> values = new ArrayList<>();

    for (String[] machine : new String[][] {{"256M", "1"}, {"512M", "1"}, {"512M", "2"}}) {
      values.add(
          Replay.of(predict(firmware, machine[0], machine[1])).value(MeasurementRegister.RTMR0));
    }

    assertThat(values).doesNotHaveDuplicates();
  }

  @Test
  void firmwareWithoutVolumesIsNotPredicted() throws IOException {
    Path image = folder.resolve("td.fd");
    Files.write(image, org.swtdx.embedded.EmbeddedTd.image());

    CommandLineRun run = CommandLineRun.of("measure", image.toString(), "--predict");

    assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(run.err()).contains("only OVMF's measurements are predicted").hasLineCount(1);
  }
}
