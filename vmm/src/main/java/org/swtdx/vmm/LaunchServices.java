package org.swtdx.vmm;

import java.io.OutputStream;
import java.util.Optional;
import org.swtdx.vmm.console.Console;

/**
 * What a run needs from its caller.
 *
 * @param console the serial console
 * @param debug takes what firmware writes to the debug console at port 0x402
 * @param debugPort takes what is written to the debug console at port 0xe9; without it, that goes
 *     to the console if a kernel starts directly, else where firmware's goes
 * @param quoting the quote generation service
 * @param listener hears how the launch goes
 */
public record LaunchServices(
    Console console,
    OutputStream debug,
    Optional<OutputStream> debugPort,
    Quoting quoting,
    LaunchListener listener) {
  /** A console, and nothing else. */
  public static LaunchServices of(Console console) {
    return new LaunchServices(
        console,
        OutputStream.nullOutputStream(),
        Optional.empty(),
        Quoting.UNAVAILABLE,
        LaunchListener.NONE);
  }

  /** Returns a copy with another listener. */
  public LaunchServices withListener(LaunchListener value) {
    return new LaunchServices(console, debug, debugPort, quoting, value);
  }

  /** Returns a copy with another quote generation service. */
  public LaunchServices withQuoting(Quoting value) {
    return new LaunchServices(console, debug, debugPort, value, listener);
  }

  /** Returns a copy whose firmware's debug console goes to a stream. */
  public LaunchServices withDebug(OutputStream value) {
    return new LaunchServices(console, value, debugPort, quoting, listener);
  }

  /** Returns a copy whose debug console at port 0xe9 goes to a stream. */
  public LaunchServices withDebugPort(OutputStream value) {
    return new LaunchServices(console, debug, Optional.of(value), quoting, listener);
  }
}
