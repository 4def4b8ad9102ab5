package org.swtdx.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The TDVF image of the embedded TD, as the build assembled it. */
public final class EmbeddedTd {
  /** What the image is called in messages. */
  public static final String NAME = "embedded TD";

  private static final String RESOURCE = "embedded-td.fd";

  private EmbeddedTd() {}

  /**
   * Returns the image.
   *
   * @throws IllegalStateException when the build left it out
   */
  public static byte[] image() {
    try (InputStream in = EmbeddedTd.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            "the embedded TD was not assembled; build with Maven, which runs ImageWriter");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the embedded TD cannot be read", e);
    }
  }
}
