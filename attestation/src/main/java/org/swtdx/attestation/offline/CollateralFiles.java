package org.swtdx.attestation.offline;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.swtdx.attestation.collateral.Collateral;
import org.swtdx.attestation.collateral.CollateralException;
import org.swtdx.attestation.collateral.CollateralRequest;
import org.swtdx.attestation.collateral.CollateralSource;

/**
 * Collateral from files or folders, told apart by their contents whatever their names are: bundles,
 * answers of PCS to {@code /tcb} and {@code /qe/identity}, revocation lists (DER, PEM or
 * hexadecimal) and certificates (DER or PEM). What is of another kind is passed over. Files are
 * read once. Of several that fit, one that is valid at the time is taken, and of those the newest.
 */
public final class CollateralFiles implements CollateralSource {
  private static final long LARGEST = 4L << 20;
  private static final int MOST = 4096;

  private final Path origin;
  private final Parts parts;
  private final ConcurrentMap<Selection, Collateral> assembled = new ConcurrentHashMap<>();

  private CollateralFiles(Path origin, Parts parts) {
    this.origin = origin;
    this.parts = parts;
  }

  /**
   * Reads collateral.
   *
   * @param paths files, and folders whose files are read (not their folders)
   */
  public static CollateralFiles read(Path... paths) throws IOException, CollateralException {
    Parts parts = new Parts();
    for (Path path : paths) {
      if (Files.isDirectory(path)) {
        for (Path file : files(path)) {
          if (Files.size(file) <= LARGEST) {
            parts.add(Files.readAllBytes(file));
          }
        }
      } else {
        if (Files.size(path) > LARGEST) {
          throw new CollateralException(path + " is too large for collateral");
        }
        parts.addRequired(Files.readAllBytes(path), path.toString());
      }
    }
    if (parts.isEmpty()) {
      throw new CollateralException("there is no collateral in " + paths[0]);
    }
    return new CollateralFiles(paths[0], parts);
  }

  private static List<Path> files(Path folder) throws IOException, CollateralException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, Files::isRegularFile)) {
      for (Path entry : entries) {
        files.add(entry);
        if (files.size() > MOST) {
          throw new CollateralException(folder + " has more than " + MOST + " files");
        }
      }
    }
    Collections.sort(files);
    return files;
  }

  /** What was read, for people to look at. */
  public Parts parts() {
    return parts;
  }

  @Override
  public Collateral collateral(CollateralRequest request) throws CollateralException {
    Selection selection = Selection.of(parts, request, origin);
    Collateral known = assembled.get(selection);
    if (known != null) {
      return known;
    }
    Collateral collateral = selection.assemble(parts, origin);
    Collateral earlier = assembled.putIfAbsent(selection, collateral);
    return earlier == null ? collateral : earlier;
  }
}
