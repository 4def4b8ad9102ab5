package org.swtdx.attestation.predict;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.eventlog.CcelWriter;
import org.swtdx.attestation.eventlog.EventDecoder;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventLogs;
import org.swtdx.attestation.eventlog.LogEvent;
import org.swtdx.attestation.eventlog.LogFinding;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Replay;
import org.swtdx.attestation.eventlog.Sha384;
import org.swtdx.attestation.tdvf.TdvfImage;

class OvmfPredictionTest {
  private static final byte[] HOB =
      new StructWriter()
          .u16(1)
          .u16(56)
          .zeros(52)
          .u16(3)
          .u16(48)
          .zeros(44)
          .u16(0xffff)
          .u16(8)
          .u32(0)
          .zeros(100)
          .toByteArray();
  private static final byte[] TABLES = "the tables".getBytes(US_ASCII);
  private static final byte[] RSDP = "the root pointer".getBytes(US_ASCII);
  private static final byte[] SCRIPT = script("etc/acpi/tables", "etc/acpi/rsdp");
  private static final MachineDescription MACHINE =
      new MachineDescription(
          HOB,
          Map.of("etc/table-loader", SCRIPT, "etc/acpi/tables", TABLES, "etc/acpi/rsdp", RSDP));

  private static byte[] script(String... files) {
    StructWriter script = new StructWriter();
    for (String file : files) {
      script.u32(1).ascii(file).zeros(124 - file.length());
    }
    return script.u32(3).ascii(files[0]).zeros(124 - files[0].length()).toByteArray();
  }

  private static List<String> summaries(EventLog log) {
    return log.events().stream()
        .map(e -> e.registerLabel() + " " + EventDecoder.decode(e).summary())
        .toList();
  }

  @Test
  void aBootToTheShellIsMeasuredInFirmwaresOrder() throws Exception {
    EventLog log = OvmfPrediction.predict(Firmware.ordinary().image(), MACHINE);

    assertThat(summaries(log))
        .containsExactly(
            "RTMR0 TdxTable 93bb96af-b9f2-4eb8-9462-e0ba74564236 at 0x809000",
            "RTMR0 Fv(XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX) at 0xffff0000, 0x1000 bytes",
            "RTMR0 SecureBoot: not set",
            "RTMR0 PK: not set",
            "RTMR0 KEK: not set",
            "RTMR0 db: not set",
            "RTMR0 dbx: not set",
            "RTMR0 separator",
            "RTMR0 ACPI DATA",
            "RTMR0 ACPI DATA",
            "RTMR0 ACPI DATA",
            "RTMR0 BootOrder: 0000, 0001",
            "RTMR0 Boot0000: 'UiApp' Fv(7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1)"
                + "/FvFile(462caa21-7614-4503-836e-8ab6f4662331)",
            "RTMR0 Boot0001: 'EFI Internal Shell' Fv(7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1)"
                + "/FvFile(7c04a583-9e3e-4f1c-ad65-e05268d0b4d1)",
            "RTMR1 Calling EFI Application from Boot Option",
            "RTMR1 separator",
            "RTMR1 FvFile(7c04a583-9e3e-4f1c-ad65-e05268d0b4d1) (1288 bytes)");
    assertThat(LogFinding.of(log)).isEmpty();
    assertThat(digests(log))
        .contains(
            Sha384.hex(Arrays.copyOf(HOB, 104)),
            Sha384.hex(Arrays.copyOf(Firmware.ordinary().bytes(), 0x1000)),
            Authenticode.sha384(Firmware.pe(2)));
    assertThat(digests(log).subList(8, 11))
        .containsExactly(Sha384.hex(SCRIPT), Sha384.hex(TABLES), Sha384.hex(RSDP));
  }

  /** The two boot entries have these digests in the logs of real machines with OVMF. */
  @Test
  void bootEntriesAreThoseOfRealMachines() throws Exception {
    EventLog log = OvmfPrediction.predict(Firmware.ordinary().image(), MACHINE);

    assertThat(digests(log).get(12))
        .startsWith("23ada07f5261f12f34a0bd8e46760962d6b4d576a416f1fea1c64bc656b1d28e");
    assertThat(digests(log).get(11)).isEqualTo(Sha384.hex(new byte[] {0, 0, 1, 0}));
  }

  private static List<String> digests(EventLog log) {
    return log.events().stream().map(e -> e.sha384().orElseThrow().hex()).toList();
  }

  @Test
  void thePredictionIsALogLikeAnyOther() throws Exception {
    EventLog log = OvmfPrediction.predict(Firmware.ordinary().image(), MACHINE);

    EventLog read = EventLogs.read(CcelWriter.write(log));

    assertThat(Replay.of(read).values()).isEqualTo(OvmfPrediction.registers(log));
  }

  @Test
  void enrolledKeysAreMeasuredAndTurnSecureBootOn() throws Exception {
    byte[] key = {1, 2, 3};
    Firmware firmware =
        Firmware.ordinary()
            .file(Firmware.SECURE_BOOT, "", new byte[0])
            .variable(VariableStore.IMAGE_SECURITY, "db", 0x3d, new byte[] {9}) // replaced
            .variable(VariableStore.GLOBAL, "PK", 0x3f, key)
            .variable(VariableStore.IMAGE_SECURITY, "db", 0x3f, key)
            .variable(VariableStore.IMAGE_SECURITY, "dbt", 0x3f, key);

    assertThat(summaries(OvmfPrediction.predict(firmware.image(), MACHINE)).subList(2, 9))
        .containsExactly(
            "RTMR0 SecureBoot: on",
            "RTMR0 PK: malformed (a signature list's type needs 16 bytes, 3 are left)",
            "RTMR0 KEK: not set",
            "RTMR0 db: malformed (a signature list's type needs 16 bytes, 3 are left)",
            "RTMR0 dbx: not set",
            "RTMR0 dbt: malformed (a signature list's type needs 16 bytes, 3 are left)",
            "RTMR0 separator");
    Firmware unkeyed = Firmware.ordinary().file(Firmware.SECURE_BOOT, "", new byte[0]);
    assertThat(summaries(OvmfPrediction.predict(unkeyed.image(), MACHINE)).get(2))
        .isEqualTo("RTMR0 SecureBoot: off");
  }

  @Test
  void withoutAShellTheBootManagerStartsUnannounced() throws Exception {
    Firmware firmware =
        new Firmware()
            .file(Firmware.MEASURING, "", new byte[0])
            .file(Firmware.BOOT_MANAGER, "UiApp", Firmware.pe(1));

    List<LogEvent> events = OvmfPrediction.predict(firmware.image(), MACHINE).events();

    assertThat(events).hasSize(12);
    assertThat(events.getLast().register()).contains(MeasurementRegister.RTMR1);
    assertThat(events.getLast().sha384().orElseThrow().hex())
        .isEqualTo(Authenticode.sha384(Firmware.pe(1)));
  }

  @Test
  void firmwareThatMeasuresNothingLeavesZeros() throws Exception {
    TdvfImage image = new Firmware().file(Firmware.SHELL, "Shell", Firmware.pe(2)).image();

    assertThat(OvmfPrediction.measures(image)).isFalse();
    assertThat(OvmfPrediction.measures(Firmware.ordinary().image())).isTrue();
    assertThat(OvmfPrediction.registers(OvmfPrediction.predict(image, MACHINE)).values())
        .allMatch("00".repeat(48)::equals);
  }

  @Test
  void everyInputOfTheMachineChangesRtmr0() throws Exception {
    TdvfImage image = Firmware.ordinary().image();
    String good = rtmr0(image, MACHINE);
    byte[] hob = HOB.clone();
    hob[60] = 1;
    byte[] afterTheEnd = HOB.clone();
    afterTheEnd[130] = 1;

    assertThat(rtmr0(image, new MachineDescription(hob, files(TABLES)))).isNotEqualTo(good);
    assertThat(rtmr0(image, new MachineDescription(afterTheEnd, files(TABLES)))).isEqualTo(good);
    assertThat(rtmr0(image, new MachineDescription(HOB, files(RSDP)))).isNotEqualTo(good);
    assertThat(rtmr0(image, new MachineDescription(HOB, Map.of()))).isNotEqualTo(good);
  }

  private static Map<String, byte[]> files(byte[] tables) {
    return Map.of("etc/table-loader", SCRIPT, "etc/acpi/tables", tables, "etc/acpi/rsdp", RSDP);
  }

  private static String rtmr0(TdvfImage image, MachineDescription machine)
      throws PredictionException {
    return OvmfPrediction.registers(OvmfPrediction.predict(image, machine))
        .getOrDefault(MeasurementRegister.RTMR0, "");
  }

  @Test
  void whatCannotBePredictedIsSaid() throws Exception {
    TdvfImage image = Firmware.ordinary().image();
    Firmware booted =
        Firmware.ordinary().variable(VariableStore.GLOBAL, "BootOrder", 0x3f, new byte[2]);

    refused(image, new MachineDescription(new byte[0], Map.of()), "has no end");
    refused(image, new MachineDescription(new byte[200], Map.of()), "has no end");
    refused(image, new MachineDescription(HOB, Map.of("etc/table-loader", SCRIPT)), "lacks");
    refused(image, new MachineDescription(HOB, Map.of("etc/table-loader", new byte[5])), "128");
    refused(booted.image(), MACHINE, "already has boot entries");
    byte[] noVolume = Firmware.ordinary().bytes();
    Arrays.fill(noVolume, 0x1000, 0x2000, (byte) 0);
    refused(TdvfImage.parse(noVolume), MACHINE, "no firmware volume");
  }

  private static void refused(TdvfImage image, MachineDescription machine, String reason) {
    assertThatThrownBy(() -> OvmfPrediction.predict(image, machine))
        .isInstanceOf(PredictionException.class)
        .hasMessageContaining(reason)
        .hasMessageContaining("; ");
  }

  @Test
  void noDamageCausesAnythingButAPredictionException() throws Exception {
    byte[] good = Firmware.ordinary().bytes();
    Random random = new Random(11);
    for (int round = 0; round < 1000; round++) {
      byte[] damaged = good.clone();
      for (int flips = 0; flips < 5; flips++) {
        damaged[random.nextInt(0x1400)] = (byte) random.nextInt();
      }
      try {
        OvmfPrediction.predict(TdvfImage.parse(damaged), MACHINE);
      } catch (PredictionException e) {
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
  }
}
