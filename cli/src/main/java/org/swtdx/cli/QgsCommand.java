package org.swtdx.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.qgs.PlatformQgs;
import org.swtdx.attestation.qgs.QgsResponder;
import org.swtdx.attestation.qgs.QgsServer;
import org.swtdx.attestation.quoting.PkiException;
import org.swtdx.attestation.quoting.QuotingEnclave;
import org.swtdx.attestation.quoting.TestPki;
import org.swtdx.attestation.report.ReportMac;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves quotes. */
@Command(
    name = "qgs",
    description = {
      "Serve quotes to VMMs over the protocol of Intel's quote generation service.",
      "QEMU takes its address as quote-generation-socket of the tdx-guest object, and swtdx run"
          + " with --qgs."
    },
    footer = {"", "Runs until it is interrupted."},
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class QgsCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private PkiOption option;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Listen on a Unix socket; default without --port: qgs.socket beside the PKI.")
  private @Nullable Path socket;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Listen on a TCP port of 127.0.0.1; 0 chooses one (qgsd's vsock port is 4050).")
  private @Nullable Integer port;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private QuoteVersionOption version;

  @Option(
      names = "--accept-any-report",
      description =
          "Quote reports of other platforms as well: their MAC is not checked. For recorded"
              + " reports in tests.")
  private boolean acceptAny;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show every request.")
  private boolean verbose;

  @Override
  public Integer call() throws InputException {
    PrintWriter talk = spec.commandLine().getErr();
    if (port != null && (port < 0 || port > 65535)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--port must be 0 to 65535, not " + port);
    }
    InstalledPki installed = InstalledPki.open(option, talk);
    CountDownLatch end = new CountDownLatch(1);
    try (QgsServer server = server(installed, talk)) {
      listen(server, talk);
      Thread hook = new Thread(() -> close(server, end), "end of qgs");
      Runtime.getRuntime().addShutdownHook(hook);
      end.await();
      return ExitStatus.OK;
    } catch (PkiException e) {
      throw InstalledPki.failure(e);
    } catch (IOException e) {
      throw (InputException)
          new InputException("cannot serve quotes: " + e.getMessage()).initCause(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitStatus.OK;
    }
  }

  private QgsServer server(InstalledPki installed, PrintWriter talk) throws PkiException {
    TestPki pki = installed.pki();
    ReportMac mac = acceptAny ? _ -> true : pki.reportMac();
    PlatformQgs platform =
        new PlatformQgs(
            pki,
            new QuotingEnclave(pki, mac),
            version.value(),
            installed::state,
            InstantSource.system());
    return new QgsServer(
        new QgsResponder(platform, line -> say(talk, line)),
        QgsServer.TIMEOUT,
        line -> say(talk, line));
  }

  private void say(PrintWriter talk, String line) {
    if (verbose) {
      talk.println("swtdx qgs: " + line);
      talk.flush();
    }
  }

  private void listen(QgsServer server, PrintWriter talk) throws IOException, InputException {
    Path place = socket;
    if (place == null && port == null) {
      place = option.store().directory().resolve("qgs.socket");
    }
    if (place != null) {
      server.listen(place);
      talk.println("swtdx qgs: quotes of a TEST PKI on " + place);
    }
    if (port != null) {
      talk.println("swtdx qgs: quotes of a TEST PKI on 127.0.0.1:" + server.listen(port));
    }
    talk.flush();
  }

  private static void close(QgsServer server, CountDownLatch end) {
    try {
      server.close();
    } catch (IOException e) {
      System.getLogger(QgsCommand.class.getName()).log(System.Logger.Level.DEBUG, "closing", e);
    }
    end.countDown();
  }
}
