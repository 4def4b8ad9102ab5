package org.swtdx.vmm;

import java.util.List;
import java.util.Map;

/**
 * What a run was.
 *
 * @param outcome how it ended
 * @param phaseNanos how long each phase took that was reached, in nanoseconds, in their order
 * @param pagesAdded pages added at build time
 * @param pagesMeasured pages of these whose contents were measured
 * @param privatePages private pages of the TD with memory behind them at the end
 * @param sharedPages pages of RAM that are shared at the end
 * @param xfam XFAM the TD was created with; 0 for an ordinary VM
 * @param quotes quotes handed to the guest
 * @param vcpus where the vCPUs of a TD that can be debugged were at the end; empty for others
 */
public record RunResult(
    Outcome outcome,
    Map<Phase, Long> phaseNanos,
    long pagesAdded,
    long pagesMeasured,
    long privatePages,
    long sharedPages,
    long xfam,
    long quotes,
    List<VcpuRegisters> vcpus) {
  /** Copies map and list. */
  public RunResult {
    vcpus = List.copyOf(vcpus);
    phaseNanos = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(phaseNanos));
  }
}
