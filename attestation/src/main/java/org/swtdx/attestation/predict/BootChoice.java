package org.swtdx.attestation.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.swtdx.attestation.bytes.StructWriter;
import org.swtdx.attestation.eventlog.EventType;
import org.swtdx.attestation.eventlog.MeasurementRegister;

/**
 * What OVMF boots on a machine with nothing to boot from: the shell in its own volume if it has
 * one, else the boot manager, which isn't announced as a boot and so leaves the boot entries
 * unmeasured.
 */
final class BootChoice {
  private static final UUID BOOT_MANAGER = UUID.fromString("462caa21-7614-4503-836e-8ab6f4662331");
  private static final UUID SHELL = UUID.fromString("7c04a583-9e3e-4f1c-ad65-e05268d0b4d1");
  private static final UUID GRUB = UUID.fromString("b5ae312c-bc8a-43b1-9c62-ebb826dd5d07");
  private static final int ACTIVE = 1;
  private static final int HIDDEN = 8;
  private static final int CATEGORY_APP = 0x100;

  /** A boot entry and the application behind it. */
  private record Entry(FirmwareFile file, String description, int attributes) {}

  private final List<Entry> entries;

  private BootChoice(List<Entry> entries) {
    this.entries = entries;
  }

  static BootChoice of(FirmwareVolumes volumes, VariableStore store) throws PredictionException {
    if (store.variable(VariableStore.GLOBAL, "BootOrder").isPresent()) {
      throw new PredictionException(
          "the image's variable store already has boot entries",
          "predict with a store that no machine has booted with");
    }
    List<Entry> entries = new ArrayList<>();
    volumes
        .file(BOOT_MANAGER)
        .ifPresent(
            f -> {
              String name = f.description().isEmpty() ? "Boot Manager Menu" : f.description();
              entries.add(new Entry(f, name, ACTIVE | HIDDEN | CATEGORY_APP));
            });
    volumes.file(SHELL).ifPresent(f -> entries.add(new Entry(f, "EFI Internal Shell", ACTIVE)));
    volumes.file(GRUB).ifPresent(f -> entries.add(new Entry(f, "Grub Bootloader", ACTIVE)));
    return new BootChoice(entries);
  }

  /** Adds what is measured from the boot's announcement to the application's start. */
  void measure(Measured log) throws PredictionException {
    Optional<Entry> booted = entries.stream().filter(e -> e.attributes() == ACTIVE).findFirst();
    if (booted.isPresent()) {
      StructWriter order = new StructWriter();
      for (int i = 0; i < entries.size(); i++) {
        order.u16(i);
      }
      log.boot("BootOrder", order.toByteArray());
      for (int i = 0; i < entries.size(); i++) {
        log.boot("Boot%04X".formatted(i), option(entries.get(i)));
      }
      log.action("Calling EFI Application from Boot Option");
      log.separator(MeasurementRegister.RTMR1);
    }
    Optional<Entry> started = booted.or(() -> entries.stream().findFirst());
    if (started.isPresent()) {
      application(log, started.get().file());
    }
  }

  private static byte[] option(Entry entry) {
    byte[] path =
        new StructWriter()
            .bytes(volumeNode(entry.file()))
            .bytes(fileNode(entry.file()))
            .bytes(end())
            .toByteArray();
    return new StructWriter()
        .u32(entry.attributes())
        .u16(path.length)
        .utf16(entry.description() + "\0")
        .bytes(path)
        .toByteArray();
  }

  /** The image's event; where it lies in memory is not known, and no digest covers it. */
  private static void application(Measured log, FirmwareFile file) throws PredictionException {
    byte[] path = new StructWriter().bytes(fileNode(file)).bytes(end()).toByteArray();
    byte[] data =
        new StructWriter()
            .u64(0)
            .u64(file.image().length)
            .u64(0)
            .u64(path.length)
            .bytes(path)
            .toByteArray();
    log.addDigest(
        MeasurementRegister.RTMR1,
        EventType.EFI_BOOT_SERVICES_APPLICATION,
        data,
        Authenticode.sha384(file.image()));
  }

  private static byte[] volumeNode(FirmwareFile file) {
    return new StructWriter().u8(4).u8(7).u16(20).guid(file.volume()).toByteArray();
  }

  private static byte[] fileNode(FirmwareFile file) {
    return new StructWriter().u8(4).u8(6).u16(20).guid(file.name()).toByteArray();
  }

  private static byte[] end() {
    return new StructWriter().u8(0x7f).u8(0xff).u16(4).toByteArray();
  }
}
