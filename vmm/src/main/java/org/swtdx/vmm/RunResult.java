package org.swtdx.vmm;

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
 */
public record RunResult(
    Outcome outcome,
    Map<Phase, Long> phaseNanos,
    long pagesAdded,
    long pagesMeasured,
    long privatePages,
    long sharedPages,
    long xfam,
    long quotes) {
  /** Copies the map. */
  public RunResult {
    phaseNanos = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(phaseNanos));
  }
}
