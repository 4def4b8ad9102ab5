package org.swtdx.vmm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.swtdx.attestation.predict.MachineDescription;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import org.swtdx.vmm.acpi.AcpiTables;
import org.swtdx.vmm.acpi.PciWindows;
import org.swtdx.vmm.hob.RamRange;
import org.swtdx.vmm.hob.TdHob;
import org.swtdx.vmm.machine.MemoryLayout;

/** What a machine of ours hands to firmware, made without launching it. */
public final class FirmwareInput {
  /** Where OVMF's builds for TDX that measure place ECAM. */
  public static final long OVMF_ECAM = 0xe0000000L;

  private static final long ECAM_BYTES = 1 << 28;

  private FirmwareInput() {}

  /**
   * Describes the machine that a launch would build.
   *
   * @param image the firmware
   * @param memoryBytes RAM in bytes
   * @param cpus vCPUs
   * @param ecam where firmware places ECAM, 256 MiB of it, before it installs ACPI tables
   * @throws VmmException if the firmware doesn't fit the machine
   * @throws IllegalArgumentException if there is no such machine
   */
  public static MachineDescription describe(TdvfImage image, long memoryBytes, int cpus, long ecam)
      throws VmmException {
    Firmware firmware = Firmware.of("firmware", image.bytes());
    VirtualMachineConfig config = VirtualMachineConfig.td(firmware, memoryBytes).withCpus(cpus);
    MemoryLayout layout = MemoryLayout.of(config.memoryBytes(), image.size());
    try {
      image.requireInside(layout.ranges());
    } catch (TdvfException e) {
      throw new VmmException(VmmException.Cause.INPUT, e.getMessage());
    }
    AcpiTables tables =
        new AcpiTables(config.cpus(), new PciWindows(layout.lowBytes(), ecam, ECAM_BYTES));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(AcpiTables.LOADER_FILE, tables.script());
    files.put(AcpiTables.RSDP_FILE, tables.rsdp());
    files.put(AcpiTables.TABLES_FILE, tables.tables());
    return new MachineDescription(handOff(layout, image), files);
  }

  /**
   * Makes the hand-off block list.
   *
   * @param layout where RAM is
   * @param image the firmware, whose sections are RAM that needs no accepting
   * @return the bytes at the start of its TD_HOB section
   * @throws VmmException if the section is too small
   */
  public static byte[] handOff(MemoryLayout layout, TdvfImage image) throws VmmException {
    List<RamRange> added = new ArrayList<>();
    for (TdvfSection s : image.sections()) {
      if (!s.augmented()) {
        added.add(new RamRange(s.gpa(), s.memorySize(), true));
      }
    }
    TdvfSection place = image.tdHob();
    return TdHob.build(place.gpa(), place.memorySize(), RamRange.split(layout.ram(), added));
  }
}
