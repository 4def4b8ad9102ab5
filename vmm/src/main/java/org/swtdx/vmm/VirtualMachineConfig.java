package org.swtdx.vmm;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.swtdx.vmm.cpu.CpuSelection;

/**
 * What to launch.
 *
 * @param type a TD or an ordinary VM
 * @param firmware the firmware that starts at the reset vector
 * @param memoryBytes RAM in bytes: a multiple of 1 MiB, 16 MiB to 64 GiB
 * @param cpus vCPUs, 1 to 64
 * @param cpu the processor that the vCPUs are
 * @param td how the TD is created; an ordinary VM ignores it
 * @param until end with success once the console output contains a match
 * @param timeout end without success after this time
 */
public record VirtualMachineConfig(
    VmType type,
    Firmware firmware,
    long memoryBytes,
    int cpus,
    CpuSelection cpu,
    TdParameters td,
    Optional<Pattern> until,
    Optional<Duration> timeout) {
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
        Optional.empty());
  }

  /** Returns a copy with another type. */
  public VirtualMachineConfig withType(VmType value) {
    return new VirtualMachineConfig(value, firmware, memoryBytes, cpus, cpu, td, until, timeout);
  }

  /** Returns a copy with another number of vCPUs. */
  public VirtualMachineConfig withCpus(int value) {
    return new VirtualMachineConfig(type, firmware, memoryBytes, value, cpu, td, until, timeout);
  }

  /** Returns a copy with another processor. */
  public VirtualMachineConfig withCpu(CpuSelection value) {
    return new VirtualMachineConfig(type, firmware, memoryBytes, cpus, value, td, until, timeout);
  }

  /** Returns a copy with other TD parameters. */
  public VirtualMachineConfig withTd(TdParameters value) {
    return new VirtualMachineConfig(type, firmware, memoryBytes, cpus, cpu, value, until, timeout);
  }

  /** Returns a copy that ends once the console output contains a match. */
  public VirtualMachineConfig withUntil(Pattern value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, Optional.of(value), timeout);
  }

  /** Returns a copy that ends after a time. */
  public VirtualMachineConfig withTimeout(Duration value) {
    return new VirtualMachineConfig(
        type, firmware, memoryBytes, cpus, cpu, td, until, Optional.of(value));
  }
}
