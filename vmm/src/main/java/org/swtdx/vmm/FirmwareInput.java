package org.swtdx.vmm;

import java.util.LinkedHashMap;
import java.util.Map;
import org.swtdx.attestation.predict.MachineDescription;
import org.swtdx.attestation.tdvf.TdvfException;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.vmm.acpi.AcpiTables;
import org.swtdx.vmm.acpi.PciWindows;
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
      throw new VmmException(VmmException.Cause.INPUT, e.reason() + "; " + e.remedy());
    }
    AcpiTables tables =
        new AcpiTables(config.cpus(), new PciWindows(layout.lowBytes(), ecam, ECAM_BYTES));
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(AcpiTables.LOADER_FILE, tables.script());
    files.put(AcpiTables.RSDP_FILE, tables.rsdp());
    files.put(AcpiTables.TABLES_FILE, tables.tables());
    return new MachineDescription(TdHob.of(layout.ram(), image), files);
  }
}
