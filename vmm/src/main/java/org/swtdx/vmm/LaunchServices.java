package org.swtdx.vmm;

import java.io.OutputStream;
import org.swtdx.vmm.console.Console;

/**
 * What a run needs from its caller.
 *
 * @param console the serial console
 * @param debug takes what firmware writes to the debug console at ports 0x402 and 0xe9
 * @param quoting the quote generation service
 * @param listener hears how the launch goes
 */
public record LaunchServices(
    Console console, OutputStream debug, Quoting quoting, LaunchListener listener) {
  /** A console, and nothing else. */
  public static LaunchServices of(Console console) {
    return new LaunchServices(
        console, OutputStream.nullOutputStream(), Quoting.UNAVAILABLE, LaunchListener.NONE);
  }

  /** Returns a copy with another listener. */
  public LaunchServices withListener(LaunchListener value) {
    return new LaunchServices(console, debug, quoting, value);
  }

  /** Returns a copy with another quote generation service. */
  public LaunchServices withQuoting(Quoting value) {
    return new LaunchServices(console, debug, value, listener);
  }

  /** Returns a copy whose debug console goes to a stream. */
  public LaunchServices withDebug(OutputStream value) {
    return new LaunchServices(console, value, quoting, listener);
  }
}
