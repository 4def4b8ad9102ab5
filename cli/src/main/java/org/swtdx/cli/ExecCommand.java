package org.swtdx.cli;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.HostUse;
import org.swtdx.exec.Lender;
import org.swtdx.exec.LendingClient;
import org.swtdx.exec.LendingException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs a native program that finds KVM at /dev/kvm. */
@Command(
    name = "exec",
    description = "Run a native program and lend it KVM as /dev/kvm.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The exit status is the program's, or 128 plus the number of the signal that ended it.",
      "Options of the program follow --, for example:",
      "  swtdx exec -- qemu-system-x86_64 -accel kvm -nographic",
      "  swtdx exec --connect -- qemu-system-x86_64 -accel kvm -nographic"
    })
final class ExecCommand implements Callable<Integer> {
  private static final int NOT_STARTED = 127;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = "Logical processors of the host; default: those of this machine.")
  private @Nullable Integer cpus;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = MemorySize.Converter.class,
      description = "Memory of all guests together; default: 16G.")
  private @Nullable MemorySize memory;

  @Option(
      names = "--connect",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "SOCKET",
      description = {
        "Take KVM from the swtdx serve that listens at SOCKET, by default where swtdx serve does.",
        "Write -- between this and the program."
      })
  private @Nullable String connect;

  @Option(
      names = "--report",
      description =
          "Say the MRTD of each TD when it is complete; at the end, what was not given back.")
  private boolean report;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private ExtensionOptions extensions;

  @Parameters(paramLabel = "PROGRAM", arity = "1..*", description = "Program and its arguments.")
  @SuppressWarnings("NullAway.Init")
  private List<String> program;

  @Override
  public Integer call() throws InterruptedException {
    // What the JVM is told to end for ends the program, and with it this command.
    try (LastWord _ = new LastWord(() -> {})) {
      return connect == null ? lend() : connect(ServeSocket.named(spec, connect));
    } catch (LendingException e) {
      spec.commandLine().getErr().println("swtdx: " + e.getMessage());
      return NOT_STARTED;
    }
  }

  private int lend() throws LendingException, InterruptedException {
    int processors = HostOptions.processors(spec, cpus);
    try (HostMachine machine =
        new HostMachine(HostOptions.memory(spec, memory), processors, extensions.given())) {
      if (report) {
        machine.kvm().observe(this::reportMrtd);
      }
      try {
        return new Lender(machine.kvm()).run(program, System.getenv());
      } finally {
        report(new HostUse(machine.kvm().outstandingFrames(), machine.kvm().outstandingKeyIds()));
      }
    }
  }

  private int connect(Path socket) throws LendingException, InterruptedException {
    if (cpus != null || memory != null || !extensions.given().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--cpus, --memory and --extension are options of swtdx serve, not with --connect");
    }
    LendingClient.Outcome outcome = new LendingClient(socket).run(program, System.getenv());
    HostUse left = outcome.left();
    if (left != null) {
      report(left);
    }
    return outcome.status();
  }

  private void report(HostUse left) {
    if (report) {
      spec.commandLine()
          .getErr()
          .printf("swtdx: %d frames, %d KeyIDs not given back%n", left.frames(), left.keyIds());
    }
  }

  private void reportMrtd(long vm, byte[] mrtd) {
    spec.commandLine()
        .getErr()
        .printf("swtdx: TD %d has MRTD %s%n", vm, HexFormat.of().formatHex(mrtd));
  }
}
