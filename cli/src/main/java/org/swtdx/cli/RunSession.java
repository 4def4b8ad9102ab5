package org.swtdx.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.swtdx.kvm.KvmExtension;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachine;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmmException;

/** One run: switches a machine on, launches, and reports. */
final class RunSession {
  private final VirtualMachineConfig config;
  private final SerialTarget serial;
  private final Optional<SerialTarget> debugConsole;
  private final Optional<Path> json;
  private final boolean verbose;
  private final RunQuoting quotes;
  private final Set<KvmExtension> extensions;

  RunSession(
      VirtualMachineConfig config,
      SerialTarget serial,
      Optional<SerialTarget> debugConsole,
      Optional<Path> json,
      boolean verbose,
      RunQuoting quotes,
      Set<KvmExtension> extensions) {
    this.config = config;
    this.serial = serial;
    this.debugConsole = debugConsole;
    this.json = json;
    this.verbose = verbose;
    this.quotes = quotes;
    this.extensions = extensions;
  }

  /**
   * Runs the machine to its end.
   *
   * @param talk where everything but the console goes
   * @return the exit status
   */
  int run(PrintWriter talk) throws InputException {
    try (SummaryFile summary = SummaryFile.open(json)) {
      RunReport report;
      try {
        report = launch(talk);
      } catch (VmmException e) {
        talk.println("swtdx: " + e.getMessage());
        talk.flush();
        return e.kind() == VmmException.Cause.INPUT ? ExitStatus.USAGE : ExitStatus.FAILED;
      }
      new SummaryText(talk, verbose).print(report);
      if (summary.wanted()) {
        summary.write(SummaryJson.text(report));
      }
      return report.exitStatus();
    }
  }

  private RunReport launch(PrintWriter talk) throws InputException, VmmException {
    boolean direct = config.kernel().isPresent() && config.firmware().size() == 0;
    try (SerialLine line = SerialLine.open(serial);
        DebugPort debug = DebugPort.open(debugConsole, direct)) {
      return launch(talk, line, debug);
    }
  }

  private RunReport launch(PrintWriter talk, SerialLine line, DebugPort debug)
      throws InputException, VmmException {
    InstalledPki pki = quotes.open(talk);
    try (HostMachine machine =
        new HostMachine(config.memoryBytes(), config.cpus(), pki.reportKey(), extensions)) {
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
      services = debug.addTo(services);
      RunResult result = new VirtualMachine(machine.kvm(), config, services).run();
      RunReport report =
          new RunReport(
              config,
              result,
              machine.platform().events(),
              quoting.check(result),
              timeline.firstInstructionSeconds(),
              machine.kvm().outstandingFrames(),
              machine.kvm().outstandingKeyIds());
      quotes.keep(quoting.lastQuote(), pki, talk);
      return report;
    }
  }

  private void remark(PrintWriter talk, String line) {
    if (verbose) {
      talk.println("swtdx qgs: " + line);
      talk.flush();
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
