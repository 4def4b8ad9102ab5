package org.swtdx.cli;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.offline.CollateralFiles;

/** Collateral that the user names by files and folders. */
final class CollateralPath {
  private CollateralPath() {}

  static CollateralFiles read(List<Path> paths) throws InputException {
    try {
      return CollateralFiles.read(paths.toArray(Path[]::new));
    } catch (NoSuchFileException e) {
      throw (InputException)
          new InputException(
                  e.getMessage() + " does not exist; name a folder or a file with collateral")
              .initCause(e);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot read collateral: " + e.getMessage()).initCause(e);
    } catch (CollateralException e) {
      throw (InputException) new InputException(String.valueOf(e.getMessage())).initCause(e);
    }
  }
}
