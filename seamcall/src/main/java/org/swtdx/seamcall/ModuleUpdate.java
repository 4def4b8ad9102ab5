package org.swtdx.seamcall;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;

/**
 * Replaces the module while TDs live: TDH.SYS.SHUTDOWN when nobody is inside, the loader,
 * TDH.SYS.INIT, TDH.SYS.LP.INIT on every logical processor, TDH.SYS.UPDATE. vCPUs that run are not
 * stopped here; the host makes them leave and keeps them out.
 */
final class ModuleUpdate {
  private static final int HANDOFF_VERSION = 0;
  private static final int BUSY_RETRIES = 1000;
  private static final long BUSY_PAUSE_NANOS = 10_000;

  private final Platform platform;
  private final SeamcallGate gate;
  private final TdhSys sys;
  private final LogicalProcessor boot;

  ModuleUpdate(Platform platform, SeamcallGate gate) {
    this.platform = platform;
    this.gate = gate;
    sys = new TdhSys(gate);
    boot = platform.processors().getFirst();
  }

  /** Why the module was not replaced, or null. */
  BringUp.@Nullable Failed run() {
    TdxStatus status = TdxStatus.SUCCESS;
    for (int i = 0; i < BUSY_RETRIES; i++) {
      status = TdxPlatform.on(boot, lp -> sys.shutdown(lp, HANDOFF_VERSION));
      if (!status.is(StatusCode.SYS_BUSY)) {
        break;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(BUSY_PAUSE_NANOS);
    }
    if (!status.isSuccess()) {
      return failed(TdhSys.SHUTDOWN, status, "stop all vCPUs first");
    }
    if (!gate.install()) {
      return new BringUp.Failed(
          "", "the module was shut down but no other was loaded", "load a module afresh");
    }
    return start();
  }

  private BringUp.@Nullable Failed start() {
    TdxStatus status = TdxPlatform.on(boot, sys::init);
    if (!status.isSuccess()) {
      return failed(TdhSys.INIT, status, "load the module afresh");
    }
    for (LogicalProcessor lp : platform.processors()) {
      status = TdxPlatform.on(lp, sys::lpInit);
      if (!status.isSuccess()) {
        return failed(
            TdhSys.LP_INIT,
            status,
            "logical processor " + lp.index() + " does not match the first one");
      }
    }
    status = TdxPlatform.on(boot, sys::update);
    return status.isSuccess()
        ? null
        : failed(TdhSys.UPDATE, status, "the old module's TDs are lost; tear them down");
  }

  private static BringUp.Failed failed(Leaf leaf, TdxStatus status, String remedy) {
    return new BringUp.Failed(leaf.abiName(), status.toString(), remedy);
  }
}
