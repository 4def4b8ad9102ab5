package org.swtdx.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.swtdx.vmm.LaunchServices;

/** Where port 0xe9 goes while a run lasts. */
final class DebugPort implements AutoCloseable {
  private final Optional<OutputStream> stream;
  private final boolean owned;

  private DebugPort(Optional<OutputStream> stream, boolean owned) {
    this.stream = stream;
    this.owned = owned;
  }

  /**
   * Opens the port's far end.
   *
   * @param target what the user chose, if anything
   * @param onConsole whether the machine shows it on the console by itself
   */
  static DebugPort open(Optional<SerialTarget> target, boolean onConsole) throws InputException {
    return switch (target.orElse(null)) {
      case null -> new DebugPort(Optional.empty(), false);
      case SerialTarget.Null() ->
          new DebugPort(Optional.of(OutputStream.nullOutputStream()), false);
      case SerialTarget.Stdio() ->
          new DebugPort(onConsole ? Optional.empty() : Optional.of(System.out), false);
      case SerialTarget.ToFile(Path path) -> toFile(path);
    };
  }

  private static DebugPort toFile(Path path) throws InputException {
    try {
      return new DebugPort(
          Optional.of(new BufferedOutputStream(Files.newOutputStream(path))), true);
    } catch (IOException e) {
      throw InputException.cannotWrite(path, e);
    }
  }

  /** Adds the port to what a run needs. */
  LaunchServices addTo(LaunchServices services) {
    return stream.map(services::withDebugPort).orElse(services);
  }

  @Override
  public void close() throws InputException {
    try {
      if (stream.isPresent()) {
        stream.get().flush();
        if (owned) {
          stream.get().close();
        }
      }
    } catch (IOException e) {
      throw (InputException)
          new InputException("the debug console could not be written: " + e.getMessage())
              .initCause(e);
    }
  }
}
