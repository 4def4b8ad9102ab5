package org.swtdx.cli;

import java.util.Map;
import java.util.Optional;
import org.swtdx.events.PlatformEvents;
import org.swtdx.vmm.Phase;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachineConfig;

/**
 * Everything that is known after a run; the text summary and the JSON document show the same.
 *
 * @param config what was run
 * @param result how it went
 * @param events what the platform counted and stated
 * @param quote what the host found when it checked the last quote, if the guest asked for one
 * @param firstInstructionSeconds from the start of the launcher to the guest's first instruction
 * @param outstandingPages frames that were not given back
 * @param outstandingKeyIds KeyIDs that were not given back
 */
record RunReport(
    VirtualMachineConfig config,
    RunResult result,
    PlatformEvents events,
    Optional<QuoteCheck> quote,
    double firstInstructionSeconds,
    long outstandingPages,
    int outstandingKeyIds) {

  /** Instructions that the guest executed. */
  long instructions() {
    return events.snapshot(PlatformEvents.Kind.COUNT).getOrDefault("instructions", 0L);
  }

  /** Million guest instructions per second of wall time in the run phase. */
  double mips() {
    long nanos = result.phaseNanos().getOrDefault(Phase.RUN, 0L);
    return nanos == 0 ? 0 : instructions() * 1000.0 / nanos;
  }

  /** What the module stated: MRTD and RTMRs. */
  Map<String, String> measurements() {
    return events.statements();
  }

  /** Whether pages or KeyIDs were lost. */
  boolean leaked() {
    return outstandingPages != 0 || outstandingKeyIds != 0;
  }

  /** The exit status of the command. */
  int exitStatus() {
    int status = result.outcome().exitStatus();
    if (status == ExitStatus.OK && (leaked() || quote.map(q -> !q.ok()).orElse(false))) {
      return ExitStatus.FAILED;
    }
    return status;
  }
}
