package org.swtdx.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.swtdx.embedded.EmbeddedTd;
import org.swtdx.vmm.Digest384;
import org.swtdx.vmm.Firmware;
import org.swtdx.vmm.IrqchipMode;
import org.swtdx.vmm.TdAttributes;
import org.swtdx.vmm.TdParameters;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmType;
import org.swtdx.vmm.cpu.CpuSelection;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Launches a Trust Domain or an ordinary VM and runs it to its end. */
@Command(
    name = "run",
    description = {
      "Launch a Trust Domain through the KVM TDX API and run it to its end.",
      "Without --firmware the built-in TD runs: it accepts memory, extends an RTMR, takes a"
          + " TDREPORT and gets a quote, which is then verified."
    },
    footer = {
      "",
      "The guest's console is standard output; everything else goes to standard error.",
      "On a terminal, Ctrl-A x ends the run and Ctrl-A Ctrl-A types a Ctrl-A."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class RunCommand implements Callable<Integer> {
  private static final List<String> HELP = List.of("help", "?");

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Option(
      names = "--firmware",
      paramLabel = "FILE",
      description = "A TDVF image, for example OVMF.fd; default: the built-in TD.")
  private @Nullable Path firmware;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private KernelOptions kernel;

  @Option(
      names = "--type",
      defaultValue = "tdx",
      paramLabel = "tdx|default",
      description = "A Trust Domain (the default) or an ordinary VM.")
  @SuppressWarnings("NullAway.Init")
  private VmType type;

  @Option(
      names = "--memory",
      defaultValue = "1G",
      converter = MemorySize.Converter.class,
      paramLabel = "SIZE",
      description = "RAM of the guest, for example 512M or 4G; default: 1G.")
  @SuppressWarnings("NullAway.Init")
  private MemorySize memory;

  @Option(
      names = "--cpus",
      defaultValue = "1",
      paramLabel = "N",
      description = "vCPUs, one thread each; default: 1.")
  private int cpus;

  @Option(
      names = "--cpu",
      paramLabel = "MODEL[,+FEATURE|-FEATURE|enforce]...",
      description = {
        "The processor of the guest, by QEMU's names; help lists models and features.",
        "Default: SapphireRapids, for Trust Domains max. A TD takes the features that the TDX"
            + " module lets be configured."
      })
  private @Nullable String cpu;

  @Option(
      names = "--attributes",
      paramLabel = "LIST",
      description =
          "TD attributes by name, comma-separated, or a number; default: sept-ve-disable.")
  private @Nullable String attributes;

  @Option(names = "--mrconfigid", paramLabel = "HEX", description = "MRCONFIGID, 96 hex digits.")
  private @Nullable String mrConfigId;

  @Option(names = "--mrowner", paramLabel = "HEX", description = "MROWNER, 96 hex digits.")
  private @Nullable String mrOwner;

  @Option(
      names = "--mrownerconfig",
      paramLabel = "HEX",
      description = "MROWNERCONFIG, 96 hex digits.")
  private @Nullable String mrOwnerConfig;

  @Option(
      names = "--serial",
      defaultValue = "stdio",
      converter = SerialTarget.Converter.class,
      paramLabel = "stdio|null|file:PATH",
      description = "Where the serial console goes; default: stdio.")
  @SuppressWarnings("NullAway.Init")
  private SerialTarget serial;

  @Option(
      names = "--debugcon",
      converter = SerialTarget.Converter.class,
      paramLabel = "stdio|null|file:PATH",
      description =
          "Where the debug console at port 0xe9 goes; default: to the console if a kernel starts"
              + " directly, else nowhere but with -v.")
  private @Nullable SerialTarget debugConsole;

  @Option(
      names = "--irqchip",
      defaultValue = "on",
      paramLabel = "on|split",
      description =
          "Interrupt controllers of an ordinary VM: all in KVM (the default), or local APICs only.")
  @SuppressWarnings("NullAway.Init")
  private IrqchipMode irqchip;

  @Option(
      names = "--until",
      paramLabel = "REGEX",
      description = "End with success as soon as the console output contains a match.")
  private @Nullable String until;

  @Option(
      names = "--timeout",
      converter = TimeSpan.class,
      paramLabel = "DURATION",
      description = "End with status 124 after this time, for example 90s or 2m.")
  private @Nullable Duration timeout;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the summary as one JSON document; - is standard output.")
  private @Nullable Path json;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private RunQuoting quotes;

  @CommandLine.Mixin
  @SuppressWarnings("NullAway.Init")
  private ExtensionOptions extensions;

  @Option(
      names = {"-v", "--verbose"},
      description = "Also show page conversions, KVM exits and the firmware's debug console.")
  private boolean verbose;

  @Override
  public Integer call() throws Exception {
    if (cpu != null && HELP.contains(cpu)) {
      CpuHelp.print(spec.commandLine().getOut());
      return ExitStatus.OK;
    }
    VirtualMachineConfig config = config();
    return new RunSession(
            config,
            serial,
            Optional.ofNullable(debugConsole),
            Optional.ofNullable(json),
            verbose,
            quotes,
            extensions.given())
        .run(spec.commandLine().getErr());
  }

  private VirtualMachineConfig config() throws InputException {
    try {
      return new VirtualMachineConfig(
          type,
          firmwareImage(),
          memory.bytes(),
          cpus,
          processor(),
          new TdParameters(
              attributes == null
                  ? TdParameters.DEFAULT.attributes()
                  : TdAttributes.parse(attributes),
              digest("--mrconfigid", mrConfigId),
              digest("--mrowner", mrOwner),
              digest("--mrownerconfig", mrOwnerConfig)),
          until == null ? Optional.empty() : Optional.of(pattern(until)),
          Optional.ofNullable(timeout),
          kernel.read(),
          irqchip);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private CpuSelection processor() {
    if (cpu == null) {
      return type == VmType.TDX ? CpuSelection.MAX : CpuSelection.DEFAULT;
    }
    try {
      return CpuSelection.parse(cpu);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--cpu: " + e.getMessage(), e);
    }
  }

  private Firmware firmwareImage() throws InputException {
    if (firmware != null) {
      return Firmware.of(firmware.toString(), InputFile.read(firmware, "firmware image", 16 << 20));
    }
    if (kernel.given() && type == VmType.DEFAULT) {
      return Firmware.NONE;
    }
    if (kernel.given()) {
      throw new InputException(
          "a Trust Domain starts in firmware; add --firmware FILE, or take --type default");
    }
    if (type != VmType.TDX) {
      throw new InputException(
          "an ordinary VM needs --firmware FILE or --kernel FILE; the built-in image is a TD's");
    }
    return Firmware.of("the built-in TD", EmbeddedTd.image());
  }

  private static Digest384 digest(String option, @Nullable String hex) {
    if (hex == null) {
      return Digest384.ZERO;
    }
    try {
      return new Digest384(hex);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(option + ": " + e.getMessage(), e);
    }
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--until: not a regular expression: " + e.getDescription() + " at " + e.getIndex(), e);
    }
  }
}
