package org.swtdx.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.swtdx.attestation.quoting.PkiException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves collateral. */
@Command(
    name = "pccs",
    description = {
      "Serve the collateral of this installation's TEST PKI over HTTP on 127.0.0.1, as Intel's"
          + " provisioning certification service and its caches do (API version 4).",
      "Point a relying party at it that fetches collateral itself."
    },
    footer = {"", "Runs until it is interrupted."},
    mixinStandardHelpOptions = true)
final class PccsCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(
      names = "--port",
      defaultValue = "8081",
      paramLabel = "N",
      description = "The port; default: 8081, where certificates say that revocation lists are.")
  private int port;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every request.")
  private boolean verbose;

  @Override
  public Integer call() throws InputException {
    PrintWriter talk = spec.commandLine().getErr();
    if (port < 0 || port > 65535) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    InstalledPki installed = InstalledPki.open(option, talk);
    try (PccsServer server =
        new PccsServer(
            installed, installed.pki(), InstantSource.system(), port, line -> say(talk, line))) {
      talk.println("swtdx pccs: collateral of a TEST PKI on http://localhost:" + server.port());
      talk.flush();
      new CountDownLatch(1).await();
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot serve collateral on port " + port + ": " + e.getMessage())
              .initCause(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitStatus.OK;
    }
  }

  private void say(PrintWriter talk, String line) {
    if (verbose) {
      talk.println("swtdx pccs: " + line);
      talk.flush();
    }
  }
}
