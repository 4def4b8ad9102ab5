package org.swtdx.attestation.predict;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a VMM hands to firmware, as far as firmware measures it. Immutable. */
public final class MachineDescription {
  /** fw_cfg name of the script that links ACPI tables. */
  public static final String TABLE_LOADER = "etc/table-loader";

  private final byte[] handOff;
  private final Map<String, byte[]> files;

  /**
   * Describes a machine.
   *
   * @param handOff the hand-off block list as it is in the TD_HOB section, at least up to its end;
   *     copied
   * @param files contents of fw_cfg files by name, as they are when firmware installs ACPI tables:
   *     {@link #TABLE_LOADER} and each file that it names; none for a machine without ACPI; copied
   */
  public MachineDescription(byte[] handOff, Map<String, byte[]> files) {
    this.handOff = handOff.clone();
    this.files = new LinkedHashMap<>();
    files.forEach((name, bytes) -> this.files.put(name, bytes.clone()));
  }

  /** The hand-off block list. */
  public byte[] handOff() {
    return handOff.clone();
  }

  /** The contents of a fw_cfg file. */
  public Optional<byte[]> file(String name) {
    return Optional.ofNullable(files.get(name)).map(byte[]::clone);
  }
}
