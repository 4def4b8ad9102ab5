package org.swtdx.attestation.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.eventlog.EventLog;
import org.swtdx.attestation.eventlog.EventType;
import org.swtdx.attestation.eventlog.MeasurementRegister;
import org.swtdx.attestation.eventlog.Replay;
import org.swtdx.attestation.tdvf.SectionType;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;

/**
 * What OVMF (edk2 2025.02, OvmfPkgX64) measures on its way to the UEFI shell, or to its boot
 * manager if it has none: the hand-off block list, the variable store, Secure Boot's variables, the
 * VMM's ACPI tables, boot entries, and the application it starts. Firmware that measures nothing
 * gives an empty log.
 *
 * <p>The machine has no disk, network card or other thing to boot from, and the variable store no
 * boot entries.
 */
public final class OvmfPrediction {
  private static final UUID HOB_TABLE = UUID.fromString("93bb96af-b9f2-4eb8-9462-e0ba74564236");
  private static final UUID CC_MEASUREMENT_DRIVER =
      UUID.fromString("f062221e-c607-44c2-b0b4-c3886331d351");
  private static final UUID SECURE_BOOT_DRIVER =
      UUID.fromString("f0e6a44f-7195-41c3-ac64-54f202cd0a21");
  private static final UUID SECURE_BOOT_ENABLE =
      UUID.fromString("f0a30bc7-af08-4556-99c4-001009c93a44");

  private final TdvfImage image;
  private final FirmwareVolumes volumes;
  private final MachineDescription machine;
  private final Measured log = new Measured();

  private OvmfPrediction(TdvfImage image, MachineDescription machine) {
    this.image = image;
    this.machine = machine;
    volumes = FirmwareVolumes.of(image.bytes());
  }

  /** Whether firmware has the driver that measures into RTMRs; without it they stay zero. */
  public static boolean measures(TdvfImage image) {
    return FirmwareVolumes.of(image.bytes()).file(CC_MEASUREMENT_DRIVER).isPresent();
  }

  /**
   * Predicts a boot.
   *
   * @param image the firmware
   * @param machine what the VMM hands over
   * @return the log that the firmware writes; event data that depend on where things lie in memory
   *     have zeros there, which no digest covers
   * @throws PredictionException if the image isn't OVMF as built from OvmfPkgX64, or the machine's
   *     description lacks what firmware reads
   */
  public static EventLog predict(TdvfImage image, MachineDescription machine)
      throws PredictionException {
    return new OvmfPrediction(image, machine).run();
  }

  /** RTMR0 to RTMR3 after a predicted boot, in hexadecimal. */
  public static Map<MeasurementRegister, String> registers(EventLog prediction) {
    return Replay.of(prediction).values();
  }

  private EventLog run() throws PredictionException {
    if (volumes.count() == 0) {
      throw new PredictionException(
          "the image has no firmware volume with files",
          "only OVMF's measurements are predicted; MRTD is for any TDVF");
    }
    if (volumes.file(CC_MEASUREMENT_DRIVER).isEmpty()) {
      return EventLog.predicted(List.of());
    }
    handOff();
    VariableStore store = VariableStore.of(configuration());
    secureBoot(store);
    log.separator(MeasurementRegister.RTMR0);
    acpi();
    BootChoice.of(volumes, store).measure(log);
    return EventLog.predicted(log.events());
  }

  private void handOff() throws PredictionException {
    byte[] hob = Hob.measured(machine.handOff());
    byte[] tables =
        new StructWriter()
            .u8(9)
            .ascii("TdxTable")
            .u8(0)
            .u64(1)
            .guid(HOB_TABLE)
            .u64(image.tdHob().gpa())
            .toByteArray();
    log.add(MeasurementRegister.RTMR0, EventType.EFI_HANDOFF_TABLES2, tables, hob);
  }

  /** Measures the configuration volume and returns it. */
  private byte[] configuration() throws PredictionException {
    Optional<TdvfSection> section =
        image.sections().stream().filter(s -> s.type() == SectionType.CFV).findFirst();
    if (section.isEmpty()) {
      throw new PredictionException(
          "the image has no configuration volume (CFV)", "use OVMF as built from OvmfPkgX64");
    }
    TdvfSection cfv = section.get();
    byte[] bytes = new byte[(int) cfv.memorySize()];
    for (int page = 0; page < cfv.pages(); page++) {
      image.copyPage(cfv, page, bytes, page * TdvfSection.PAGE_BYTES);
    }
    byte[] raw = java.util.Arrays.copyOf(bytes, (int) cfv.rawSize());
    String name = "Fv(XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX)";
    byte[] blob =
        new StructWriter()
            .u8(name.length() + 1)
            .ascii(name)
            .u8(0)
            .u64(cfv.gpa())
            .u64(cfv.rawSize())
            .toByteArray();
    log.add(MeasurementRegister.RTMR0, EventType.EFI_PLATFORM_FIRMWARE_BLOB2, blob, raw);
    return raw;
  }

  private void secureBoot(VariableStore store) {
    byte[] state = {};
    if (volumes.file(SECURE_BOOT_DRIVER).isPresent()) {
      boolean keyed = store.variable(VariableStore.GLOBAL, "PK").isPresent();
      byte[] enable = store.variable(SECURE_BOOT_ENABLE, "SecureBootEnable").orElse(new byte[] {1});
      state = new byte[] {(byte) (keyed && enable.length == 1 && enable[0] == 1 ? 1 : 0)};
    }
    log.configuration(VariableStore.GLOBAL, "SecureBoot", state);
    for (String name : List.of("PK", "KEK")) {
      log.configuration(VariableStore.GLOBAL, name, contents(store, VariableStore.GLOBAL, name));
    }
    for (String name : List.of("db", "dbx")) {
      byte[] value = contents(store, VariableStore.IMAGE_SECURITY, name);
      log.configuration(VariableStore.IMAGE_SECURITY, name, value);
    }
    store
        .variable(VariableStore.IMAGE_SECURITY, "dbt")
        .ifPresent(value -> log.configuration(VariableStore.IMAGE_SECURITY, "dbt", value));
  }

  private static byte[] contents(VariableStore store, UUID vendor, String name) {
    return store.variable(vendor, name).orElse(new byte[0]);
  }

  /** The loader script, and each file in the order in which the script allocates it. */
  private void acpi() throws PredictionException {
    Optional<byte[]> script = machine.file(MachineDescription.TABLE_LOADER);
    if (script.isEmpty()) {
      return; // firmware brings its own tables and measures none
    }
    log.acpi(script.get());
    List<String> missing = new ArrayList<>();
    for (String name : TableLoaderScript.allocated(script.get())) {
      machine.file(name).ifPresentOrElse(log::acpi, () -> missing.add(name));
    }
    if (!missing.isEmpty()) {
      throw new PredictionException(
          "the ACPI loader script names " + missing.getFirst() + ", which the machine lacks",
          "describe the machine with every file of its script");
    }
  }
}
