package org.swtdx.embedded.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.swtdx.embedded.program.TdProgram;

/** Writes the image of the embedded TD; run by the build. */
public final class ImageWriter {
  private ImageWriter() {}

  /**
   * Writes the image.
   *
   * @param arguments the file to write
   * @throws IOException when it cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("usage: ImageWriter FILE");
    }
    Path file = Path.of(arguments[0]).toAbsolutePath();
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Files.write(file, TdvfBuilder.build(TdProgram.assemble()));
  }
}
