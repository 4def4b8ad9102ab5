package org.swtdx.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.swtdx.exec.HostUse;
import org.swtdx.exec.LendingBounds;
import org.swtdx.exec.LendingClient;
import org.swtdx.exec.LendingException;
import org.swtdx.exec.LendingServer;
import org.swtdx.exec.ServedProgram;
import org.swtdx.memory.Hpa;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lends KVM to several programs at once. */
@Command(
    name = "serve",
    description = {
      "Lend the KVM of one host to several native programs at once.",
      "swtdx exec --connect starts programs that use it."
    },
    footer = {"", "Runs until SIGTERM, SIGINT or swtdx serve --stop; its programs end with it."},
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ServeCommand implements Callable<Integer> {
  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Mixin
  @SuppressWarnings("NullAway.Init")
  private ExtensionOptions extensions;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Where to listen; default: swtdx.socket in $XDG_RUNTIME_DIR.")
  private String socket = "";

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
      names = "--program-memory",
      paramLabel = "SIZE",
      converter = MemorySize.Converter.class,
      description = "Memory of the host that one program may take; default: all.")
  private @Nullable MemorySize programMemory;

  @Option(
      names = "--program-tds",
      paramLabel = "N",
      description = "TDs that one program may have at once; default: as many as there are KeyIDs.")
  private @Nullable Integer programTds;

  @Option(names = "--status", description = "Show what a running server serves.")
  private boolean status;

  @Option(names = "--json", description = "With --status: print one JSON document.")
  private boolean json;

  @Option(names = "--stop", description = "End a running server and its programs.")
  private boolean stop;

  @Override
  public Integer call() throws InterruptedException {
    if (status && stop || json && !status) {
      throw new ParameterException(
          spec.commandLine(), "--status and --stop are two things, and --json goes with --status");
    }
    Path path = ServeSocket.named(spec, socket);
    try {
      if (status) {
        show(new LendingClient(path).status());
        return ExitStatus.OK;
      }
      return stop ? end(new LendingClient(path).stop()) : serve(path);
    } catch (LendingException e) {
      spec.commandLine().getErr().println("swtdx: " + e.getMessage());
      return ExitStatus.USAGE;
    }
  }

  private int serve(Path path) throws LendingException, InterruptedException {
    LendingBounds bounds = bounds();
    int processors = HostOptions.processors(spec, cpus);
    try (HostMachine machine =
            new HostMachine(HostOptions.memory(spec, memory), processors, extensions.given());
        LendingServer server = LendingServer.listen(path, machine.kvm(), bounds)) {
      try (LastWord _ = new LastWord(server::stop)) {
        say("/dev/kvm is lent at " + path);
        server.serve();
        return end(server.use());
      }
    }
  }

  private LendingBounds bounds() {
    if (programTds != null && programTds < 1) {
      throw new ParameterException(spec.commandLine(), "--program-tds is at least 1");
    }
    return new LendingBounds(
        programMemory == null ? Long.MAX_VALUE : Math.max(1, programMemory.bytes() / Hpa.PAGE_SIZE),
        programTds == null ? Integer.MAX_VALUE : programTds,
        LendingBounds.filesByDefault());
  }

  private int end(HostUse left) {
    say("the end: %d frames, %d KeyIDs not given back".formatted(left.frames(), left.keyIds()));
    return left.isNone() ? ExitStatus.OK : ExitStatus.FAILED;
  }

  private void say(String line) {
    PrintWriter talk = spec.commandLine().getErr();
    talk.println("swtdx serve: " + line);
    talk.flush();
  }

  private void show(LendingClient.Status now) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(JsonDocument.text(document(now)));
    } else {
      out.printf(
          "%4s %8s %8s %4s %6s %8s %7s  %s%n",
          "No.", "PID", "seconds", "VMs", "vCPUs", "frames", "KeyIDs", "program");
      for (ServedProgram p : now.programs()) {
        out.printf(
            "%4d %8d %8d %4d %6d %8d %7d  %s%n",
            p.number(), p.pid(), p.seconds(), p.vms(), p.vcpus(), p.frames(), p.keyIds(), p.name());
      }
      out.printf(
          "%d programs, %d frames, %d KeyIDs%n",
          now.programs().size(), now.use().frames(), now.use().keyIds());
    }
    out.flush();
  }

  private static ObjectNode document(LendingClient.Status now) {
    ObjectNode document = JsonDocument.start("serve", 1);
    ArrayNode programs = document.putArray("programs");
    for (ServedProgram p : now.programs()) {
      programs
          .addObject()
          .put("number", p.number())
          .put("pid", p.pid())
          .put("seconds", p.seconds())
          .put("vms", p.vms())
          .put("vcpus", p.vcpus())
          .put("frames", p.frames())
          .put("keyIds", p.keyIds())
          .put("name", p.name());
    }
    document.put("frames", now.use().frames());
    document.put("keyIds", now.use().keyIds());
    return document;
  }
}
