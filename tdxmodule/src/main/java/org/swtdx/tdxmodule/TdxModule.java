package org.swtdx.tdxmodule;

import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.SeamRange;
import org.swtdx.tdxmodule.platform.TdxPlatform;

/** SEAMCALL as a machine executes it: enters the SEAM range and runs the module loaded there. */
final class TdxModule implements SeamPort {
  private final Platform machine;
  private final SeamRange range;
  private volatile LoadedModule loaded;

  TdxModule(Platform machine) {
    this.machine = machine;
    range = new SeamRange(machine.processors().size());
    range.install();
    loaded = new LoadedModule(machine, range);
  }

  /** Platform-scope state, for tests in this module. */
  TdxPlatform state() {
    return loaded.state();
  }

  @Override
  public void seamcall(LogicalProcessor lp, SeamRegisters regs) {
    range.enter(lp);
    try {
      loaded.seamcall(lp, regs);
    } finally {
      range.leave(lp);
    }
  }

  @Override
  public synchronized boolean install() {
    if (range.othersInside(null)) {
      return false;
    }
    range.install();
    loaded = new LoadedModule(machine, range);
    return true;
  }
}
