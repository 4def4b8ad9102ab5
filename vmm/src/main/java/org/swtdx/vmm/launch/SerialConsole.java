package org.swtdx.vmm.launch;

import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.console.Console;
import org.swtdx.vmm.console.ConsoleInput;
import org.swtdx.vmm.console.OutputMatcher;
import org.swtdx.vmm.device.SerialPort;

/** Connects a serial port with the console, and looks for the text that ends the run. */
final class SerialConsole implements SerialPort.Transmitter {
  /** Takes typed bytes. */
  @FunctionalInterface
  interface Receiver {
    void receive(byte[] bytes, int offset, int length);
  }

  private final Console console;
  private final @Nullable OutputMatcher matcher;
  private final Consumer<Outcome> end;
  private final byte[] one = new byte[1];

  SerialConsole(Console console, Optional<Pattern> until, Consumer<Outcome> end) {
    this.console = console;
    this.end = end;
    matcher = until.map(OutputMatcher::new).orElse(null);
  }

  void start(Receiver receiver) {
    console.start(
        new ConsoleInput() {
          @Override
          public void type(byte[] bytes, int offset, int length) {
            receiver.receive(bytes, offset, length);
          }

          @Override
          public void quit() {
            end.accept(new Outcome.Quit());
          }
        });
  }

  void stop() {
    console.stop();
  }

  /** The console as a stream, for output that doesn't come from the serial port. */
  OutputStream asStream() {
    return new OutputStream() {
      @Override
      public void write(int value) {
        send(value);
      }
    };
  }

  @Override
  public void send(int value) {
    one[0] = (byte) value;
    console.output(one, 0, 1);
    if (matcher != null) {
      matcher.feed(one, 0, 1).ifPresent(text -> end.accept(new Outcome.Matched(text)));
    }
  }
}
