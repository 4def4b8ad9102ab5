package org.swtdx.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.swtdx.vmm.console.Console;

/** The near end of the guest's serial line while a run lasts; closing it restores the terminal. */
final class SerialLine implements AutoCloseable {
  private final Console console;
  private final boolean terminal;
  private final Closing closing;

  /** What has to be undone. */
  private interface Closing {
    void close() throws IOException;
  }

  private SerialLine(Console console, boolean terminal, Closing closing) {
    this.console = console;
    this.terminal = terminal;
    this.closing = closing;
  }

  /** Opens the line to {@code target}. */
  static SerialLine open(SerialTarget target) throws InputException {
    return switch (target) {
      case SerialTarget.Null() -> new SerialLine(Console.none(), onTerminal(), () -> {});
      case SerialTarget.ToFile(Path path) -> toFile(path);
      case SerialTarget.Stdio() ->
          onTerminal()
              ? interactive()
              : new SerialLine(Console.of(System.in, System.out), false, System.out::flush);
    };
  }

  private static boolean onTerminal() {
    return Optional.ofNullable(System.console()).map(c -> c.isTerminal()).orElse(false);
  }

  private static SerialLine toFile(Path path) throws InputException {
    try {
      OutputStream file = new BufferedOutputStream(Files.newOutputStream(path));
      return new SerialLine(Console.of(file), onTerminal(), file::close);
    } catch (IOException e) {
      throw InputException.cannotWrite(path, e);
    }
  }

  private static SerialLine interactive() throws InputException {
    try {
      // Probing the terminal would put its answers into the guest's input.
      Terminal terminal = TerminalBuilder.builder().system(true).graphemeCluster(false).build();
      Attributes before = terminal.enterRawMode();
      Attributes raw = terminal.getAttributes();
      raw.setLocalFlag(Attributes.LocalFlag.ISIG, false); // Ctrl-C and Ctrl-Z are the guest's
      terminal.setAttributes(raw);
      return new SerialLine(
          Console.interactive(terminal.input(), terminal.output()),
          true,
          () -> {
            terminal.setAttributes(before);
            terminal.close();
          });
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot use the terminal: " + e.getMessage()).initCause(e);
    }
  }

  /** The console to give to the machine. */
  Console console() {
    return console;
  }

  /** Whether a person looks at a terminal. */
  boolean terminal() {
    return terminal;
  }

  @Override
  public void close() throws InputException {
    try {
      closing.close();
    } catch (IOException e) {
      throw (InputException)
          new InputException("the serial console could not be closed: " + e.getMessage())
              .initCause(e);
    }
  }
}
