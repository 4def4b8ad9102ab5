package org.swtdx.attestation.predict;

import java.util.UUID;

/** A file of a firmware volume. */
final class FirmwareFile {
  private final UUID volume;
  private final UUID name;
  private final String description;
  private final byte[] image;

  FirmwareFile(UUID volume, UUID name, String description, byte[] image) {
    this.volume = volume;
    this.name = name;
    this.description = description;
    this.image = image;
  }

  /** The name of its volume. */
  UUID volume() {
    return volume;
  }

  /** Its name. */
  UUID name() {
    return name;
  }

  /** Its description, or nothing. */
  String description() {
    return description;
  }

  /** Its PE image, or nothing. */
  byte[] image() {
    return image;
  }
}
