package org.swtdx.attestation.quoting;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * A TEST PKI in a directory, with files that only its owner may read. It comes into being whole: it
 * is written beside its place and renamed, so that of several first uses at once one wins and the
 * others take what it made. Changes of the state exclude each other across processes.
 */
public final class PkiStore {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);
  static final String STATE = "state.json";
  static final String LOCK = "lock";

  private final Path directory;

  /** Names the directory; nothing is read or written yet. */
  public PkiStore(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  /** The directory. */
  public Path directory() {
    return directory;
  }

  /** Whether there is a TEST PKI, usable or not. */
  public boolean exists() {
    return Files.exists(directory.resolve(STATE));
  }

  /**
   * Returns the keys and certificates; creates them at first use.
   *
   * @param now when new certificates begin to be valid
   */
  public TestPki open(Instant now) throws PkiException {
    if (!exists()) {
      create(now);
    }
    return PkiFiles.read(directory);
  }

  /**
   * Returns the secret behind report MACs alone, without the cost of reading keys; creates
   * everything at first use.
   */
  public byte[] reportKey(Instant now) throws PkiException {
    if (!exists()) {
      create(now);
    }
    return PkiFiles.reportKey(directory);
  }

  private void create(Instant now) throws PkiException {
    Path parent = directory.getParent();
    if (parent == null) {
      throw new PkiException("the root of the file system is no place for a TEST PKI");
    }
    try {
      Files.createDirectories(parent);
      Path draft = Files.createTempDirectory(parent, ".pki-");
      try {
        PkiFiles.write(draft, TestPki.create(new SecureRandom(), now));
        PkiFiles.writeFile(draft.resolve(STATE), PkiStateJson.write(PkiState.INITIAL));
        Files.move(draft, directory, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        PkiFiles.delete(draft);
        if (!isTaken(e)) {
          throw e;
        }
      }
    } catch (IOException e) {
      throw new PkiException("cannot create a TEST PKI in " + directory + ": " + reason(e), e);
    }
    if (!exists()) {
      throw new PkiException(
          directory + " holds something that is no TEST PKI; name another directory");
    }
  }

  /** Whether another process was faster, or something else is in the way. */
  private boolean isTaken(FileSystemException failure) {
    return failure instanceof FileAlreadyExistsException
        || failure instanceof DirectoryNotEmptyException
        || Files.exists(directory);
  }

  /** Returns what collateral says at present; the TEST PKI must exist. */
  public PkiState state() throws PkiException {
    try {
      return PkiStateJson.read(Files.readString(directory.resolve(STATE)));
    } catch (IOException e) {
      throw new PkiException("cannot read the TEST PKI in " + directory + ": " + reason(e), e);
    } catch (IllegalArgumentException e) {
      throw new PkiException(
          directory.resolve(STATE)
              + " is damaged ("
              + e.getMessage()
              + "); remove it with its directory to start anew",
          e);
    }
  }

  /**
   * Changes what collateral says; the TEST PKI must exist.
   *
   * @return the new state
   */
  public PkiState update(UnaryOperator<PkiState> change) throws PkiException {
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = lock(channel)) {
      PkiState state = change.apply(state());
      Path draft = Files.createTempFile(directory, "state", ".new");
      Files.writeString(draft, PkiStateJson.write(state));
      Files.move(draft, directory.resolve(STATE), StandardCopyOption.ATOMIC_MOVE);
      return state;
    } catch (IOException e) {
      throw new PkiException("cannot change the TEST PKI in " + directory + ": " + reason(e), e);
    }
  }

  /** Removes the TEST PKI; quotes that it vouched for can no longer be verified. */
  public void delete() throws PkiException {
    try {
      PkiFiles.delete(directory);
    } catch (IOException e) {
      throw new PkiException("cannot remove " + directory + ": " + reason(e), e);
    }
  }

  private static FileLock lock(FileChannel channel) throws IOException {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null) {
          return lock;
        }
      } catch (OverlappingFileLockException _) {
        // another thread of this process
      }
      if (Instant.now().isAfter(end)) {
        throw new IOException(
            "another process has been changing it for " + PATIENCE.toSeconds() + " s");
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while another process was changing it", e);
      }
    }
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException failure && failure.getReason() != null
        ? failure.getReason() + " (" + failure.getFile() + ")"
        : e.getClass().getSimpleName() + " " + e.getMessage();
  }
}
