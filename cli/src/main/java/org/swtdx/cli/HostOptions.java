package org.swtdx.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What options say of the host that native programs get KVM of. */
final class HostOptions {
  private static final long DEFAULT_BYTES = 16L << 30;
  private static final long MOST_BYTES = 1L << 40;
  private static final int MOST_PROCESSORS = 64;

  private HostOptions() {}

  /** Logical processors; those of this machine when not given. */
  static int processors(CommandSpec spec, @Nullable Integer given) {
    int processors = given == null ? Runtime.getRuntime().availableProcessors() : given;
    if (given != null && (given < 1 || given > MOST_PROCESSORS)) {
      throw new ParameterException(spec.commandLine(), "--cpus is 1 to " + MOST_PROCESSORS);
    }
    return Math.min(processors, MOST_PROCESSORS);
  }

  /** Memory of all guests, bytes. */
  static long memory(CommandSpec spec, @Nullable MemorySize given) {
    if (given != null && given.bytes() > MOST_BYTES) {
      throw new ParameterException(spec.commandLine(), "--memory is at most 1024G");
    }
    return given == null ? DEFAULT_BYTES : given.bytes();
  }
}
