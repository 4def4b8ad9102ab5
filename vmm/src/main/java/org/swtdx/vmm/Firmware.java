package org.swtdx.vmm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.swtdx.attestation.tdvf.TdvfImage;

/** A firmware image and the name it goes by in messages. Immutable. */
public final class Firmware {
  /** No firmware: a kernel starts directly. */
  public static final Firmware NONE = new Firmware("none", new byte[0]);

  private final String name;
  private final byte[] image;

  private Firmware(String name, byte[] image) {
    this.name = name;
    this.image = image;
  }

  /**
   * Wraps an image that is in memory.
   *
   * @param name its name in messages
   * @param image the whole image; copied
   */
  public static Firmware of(String name, byte[] image) {
    return new Firmware(name, image.clone());
  }

  /**
   * Reads an image from a file.
   *
   * @param file the file
   * @throws VmmException if it can't be read or is larger than any firmware can be
   */
  public static Firmware read(Path file) throws VmmException {
    try {
      if (!Files.isRegularFile(file)) {
        throw input("firmware " + file + " is not a file");
      }
      if (Files.size(file) > TdvfImage.MAX_BYTES) {
        throw input("firmware " + file + " is larger than the 16 MiB that fit below 4 GiB");
      }
      return new Firmware(file.toString(), Files.readAllBytes(file));
    } catch (IOException e) {
      throw input("can't read firmware " + file + ": " + e.getClass().getSimpleName());
    }
  }

  private static VmmException input(String message) {
    return new VmmException(VmmException.Cause.INPUT, message);
  }

  /** The name in messages. */
  public String name() {
    return name;
  }

  /** Returns a copy of the image. */
  public byte[] image() {
    return image.clone();
  }

  /** Bytes of the image. */
  public int size() {
    return image.length;
  }
}
