package org.swtdx.cli;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.swtdx.exec.Lender;
import org.swtdx.exec.LendingException;
import picocli.CommandLine.Command;
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
      "  swtdx exec -- qemu-system-x86_64 -accel kvm -nographic"
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
  private int cpus = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = MemorySize.Converter.class,
      description = "Memory of all guests together; default: ${DEFAULT-VALUE}.",
      defaultValue = "16G")
  @SuppressWarnings("NullAway.Init")
  private MemorySize memory;

  @Option(
      names = "--report",
      description =
          "Say the MRTD of each TD when it is complete; at the end, what was not given back.")
  private boolean report;

  @Parameters(paramLabel = "PROGRAM", arity = "1..*", description = "Program and its arguments.")
  @SuppressWarnings("NullAway.Init")
  private List<String> program;

  @Override
  public Integer call() throws InterruptedException {
    if (cpus < 1 || cpus > 64) {
      throw new ParameterException(spec.commandLine(), "--cpus is 1 to 64");
    }
    try (HostMachine machine = new HostMachine(memory.bytes(), cpus)) {
      if (report) {
        machine.kvm().observe(this::reportMrtd);
      }
      int status = new Lender(machine.kvm()).run(program, System.getenv());
      if (report) {
        spec.commandLine()
            .getErr()
            .printf(
                "swtdx: %d frames, %d KeyIDs not given back%n",
                machine.kvm().outstandingFrames(), machine.kvm().outstandingKeyIds());
      }
      return status;
    } catch (LendingException e) {
      spec.commandLine().getErr().println("swtdx: " + e.getMessage());
      return NOT_STARTED;
    }
  }

  private void reportMrtd(long vm, byte[] mrtd) {
    spec.commandLine()
        .getErr()
        .printf("swtdx: TD %d has MRTD %s%n", vm, HexFormat.of().formatHex(mrtd));
  }
}
