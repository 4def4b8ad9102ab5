package org.swtdx.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachine;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmmException;

/** One run: switches a machine on, launches, and reports. */
final class RunSession {
  private final VirtualMachineConfig config;
  private final SerialTarget serial;
  private final Optional<Path> json;
  private final boolean verbose;
  private final RunQuoting quotes;

  RunSession(
      VirtualMachineConfig config,
      SerialTarget serial,
      Optional<Path> json,
      boolean verbose,
      RunQuoting quotes) {
    this.quotes = quotes;
    this.config = config;
    this.serial = serial;
    this.json = json;
    this.verbose = verbose;
  }

  /**
   * Runs the machine to its end.
   *
   * @param talk where everything but the console goes
   * @return the exit status
   */
  int run(PrintWriter talk) throws InputException {
    if (json.isPresent()) {
      write(json.get(), ""); // a place that cannot be written is known before the run
    }
    RunReport report;
    InstalledPki pki = quotes.open(talk);
    try (HostMachine machine =
            new HostMachine(config.memoryBytes(), config.cpus(), pki.reportKey());
        SerialLine line = SerialLine.open(serial)) {
      QuotingService quoting =
          new QuotingService(
              machine.platform(), config, pki, quotes.socket(), text -> remark(talk, text));
      quoting.prepare();
      Timeline timeline = new Timeline(talk, line.terminal(), verbose);
      LaunchServices services =
          LaunchServices.of(line.console()).withQuoting(quoting).withListener(timeline);
      if (verbose) {
        services = services.withDebug(new TalkStream(talk));
      }
      RunResult result = new VirtualMachine(machine.kvm(), config, services).run();
      report =
          new RunReport(
              config,
              result,
              machine.platform().events(),
              quoting.check(result),
              timeline.firstInstructionSeconds(),
              machine.kvm().outstandingFrames(),
              machine.kvm().outstandingKeyIds());
      quotes.keep(quoting.lastQuote(), pki, talk);
    } catch (VmmException e) {
      talk.println("swtdx: " + e.getMessage());
      talk.flush();
      return e.kind() == VmmException.Cause.INPUT ? ExitStatus.USAGE : ExitStatus.FAILED;
    }
    new SummaryText(talk, verbose).print(report);
    if (json.isPresent()) {
      write(json.get(), SummaryJson.text(report));
    }
    return report.exitStatus();
  }

  private void remark(PrintWriter talk, String line) {
    if (verbose) {
      talk.println("swtdx qgs: " + line);
      talk.flush();
    }
  }

  private static void write(Path path, String document) throws InputException {
    try {
      if (path.toString().equals("-")) {
        System.out.write(document.getBytes(StandardCharsets.UTF_8));
        System.out.flush();
      } else {
        Files.writeString(path, document);
      }
    } catch (IOException e) {
      throw InputException.cannotWrite(path, e);
    }
  }

  /** Bytes of the firmware's debug console, among the talk. */
  private static final class TalkStream extends OutputStream {
    private final PrintWriter talk;

    TalkStream(PrintWriter talk) {
      this.talk = talk;
    }

    @Override
    public void write(int b) {
      talk.write(b & 0x7f);
      if (b == '\n') {
        talk.flush();
      }
    }
  }
}
