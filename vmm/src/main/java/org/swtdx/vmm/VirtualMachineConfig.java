package org.swtdx.vmm;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.swtdx.vmm.cpu.CpuSelection;

/**
 * What to launch.
 *
 * @param type a TD or an ordinary VM
 * @param firmware the firmware that starts at the reset vector, or {@link Firmware#NONE}
 * @param memoryBytes RAM in bytes: a multiple of 1 MiB, 16 MiB to 64 GiB
 * @param cpus vCPUs, 1 to 64
 * @param cpu the processor that the vCPUs are
 * @param td how the TD is created; an ordinary VM ignores it
 * @param until end with success once the console output contains a match
 * @param timeout end without success after this time
 * @param kernel a kernel to start directly, or to hand to the firmware if there is one
 * @param irqchip where an ordinary VM's interrupt controllers are; a TD's are split
 */
public record VirtualMachineConfig(
    VmType type,
    Firmware firmware,
    long memoryBytes,
    int cpus,
    CpuSelection cpu,
    TdParameters td,
    Optional<Pattern> until,
    Optional<Duration> timeout,
    Optional<KernelBoot> kernel,
    IrqchipMode irqchip) {
  private static final long MIB = 1 << 20;

  /** Checks the numbers. */
  public VirtualMachineConfig {
    if (memoryBytes % MIB != 0 || memoryBytes < 16 * MIB || memoryBytes > 65536 * MIB) {
      throw new IllegalArgumentException(
          "memory of " + memoryBytes + " bytes: give a multiple of 1 MiB from 16 MiB to 64 GiB");
    }
    if (cpus < 1 || cpus > 64) {
      throw new IllegalArgumentException(cpus + " CPUs: give 1 to 64");
    }
    if (timeout.isPresent() && (timeout.get().isNegative() || timeout.get().isZero())) {
      throw new IllegalArgumentException("a timeout must be positive");
    }
  }

  /** A TD with the default parameters, one CPU, and no end but its own. */
  public static VirtualMachineConfig td(Firmware firmware, long memoryBytes) {
    return new VirtualMachineConfig(
        VmType.TDX,
        firmware,
        memoryBytes,
        1,
        CpuSelection.MAX,
        TdParameters.DEFAULT,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        IrqchipMode.SPLIT);
  }

  /** Returns a copy with another type. */
  public VirtualMachineConfig withType(VmType value) {
    return new VirtualMachineConfig(
        value, firmware, memoryBytes, cpus, cpu, td, until, timeout, kernel, irqchip);
  }

  /** Returns a copy with another number of vCPUs. */
  public VirtualMachineConfig withCpus(int value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, value, cpu, td, until, timeout, kernel, irqchip);
  }

  /** Returns a copy with another processor. */
  public VirtualMachineConfig withCpu(CpuSelection value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, value, td, until, timeout, kernel, irqchip);
  }

  /** Returns a copy with other TD parameters. */
  public VirtualMachineConfig withTd(TdParameters value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, value, until, timeout, kernel, irqchip);
  }

  /** Returns a copy that ends once the console output contains a match. */
  public VirtualMachineConfig withUntil(Pattern value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, Optional.of(value), timeout, kernel, irqchip);
  }

  /** Returns a copy that ends after a time. */
  public VirtualMachineConfig withTimeout(Duration value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, until, Optional.of(value), kernel, irqchip);
  }

  /** Returns a copy with a kernel. */
  public VirtualMachineConfig withKernel(KernelBoot value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, until, timeout, Optional.of(value), irqchip);
  }

  /** Returns a copy with interrupt controllers elsewhere. */
  public VirtualMachineConfig withIrqchip(IrqchipMode value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, until, timeout, kernel, value);
  }
}
