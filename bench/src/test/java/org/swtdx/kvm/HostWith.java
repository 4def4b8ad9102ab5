package org.swtdx.kvm;

import java.util.Set;
import org.swtdx.cpu.Platform;
import org.swtdx.seamcall.BringUp;

/** Hosts that benchmarks need and nobody else: with what stands for the module, or without one. */
public final class HostWith {
  private HostWith() {}

  /** A host on which TDX is compiled in and was not enabled. */
  public static KvmHost noTdx(Platform platform) {
    return KvmHost.start(
        platform, new BringUp.Failed("", "TDX is disabled", "nothing to do"), Set.of());
  }

  /** A host whose module was brought up through a port of the caller's. */
  public static KvmHost broughtUp(Platform platform, BringUp result) {
    return KvmHost.start(platform, result, Set.of());
  }
}
