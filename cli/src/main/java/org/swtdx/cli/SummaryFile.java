package org.swtdx.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Where the summary document goes. That it can be written is known before the run; a run that fails
 * leaves the file as it was, and none where none was.
 */
final class SummaryFile implements AutoCloseable {
  private final Optional<Path> path;
  private final boolean created;
  private boolean written;

  private SummaryFile(Optional<Path> path, boolean created) {
    this.path = path;
    this.created = created;
  }

  /** Checks that the file can be written; {@code -} is standard output. */
  static SummaryFile open(Optional<Path> target) throws InputException {
    if (target.isEmpty() || isStandardOutput(target.get())) {
      return new SummaryFile(target, false);
    }
    Path path = target.get();
    boolean there = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    try {
      Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
    } catch (IOException e) {
      throw InputException.cannotWrite(path, e);
    }
    return new SummaryFile(target, !there);
  }

  private static boolean isStandardOutput(Path path) {
    return path.toString().equals("-");
  }

  /** Whether somebody wants the document. */
  boolean wanted() {
    return path.isPresent();
  }

  /** Writes the document. */
  void write(String document) throws InputException {
    Path target = path.orElseThrow();
    try {
      if (isStandardOutput(target)) {
        System.out.write(document.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
      } else {
        Files.writeString(target, document);
      }
      written = true;
    } catch (IOException e) {
      throw InputException.cannotWrite(target, e);
    }
  }

  @Override
  public void close() throws InputException {
    if (created && !written) {
      try {
        Files.deleteIfExists(path.orElseThrow());
      } catch (IOException e) {
        throw InputException.cannotWrite(path.orElseThrow(), e);
      }
    }
  }
}
