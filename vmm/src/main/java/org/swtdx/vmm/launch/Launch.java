package org.swtdx.vmm.launch;

import org.swtdx.kvm.KvmHost;
import org.swtdx.vmm.LaunchServices;
import org.swtdx.vmm.Outcome;
import org.swtdx.vmm.RunResult;
import org.swtdx.vmm.VirtualMachineConfig;
import org.swtdx.vmm.VmmException;

/** One launch. */
public final class Launch {
  /** Prepares a launch. */
  public Launch(KvmHost host, VirtualMachineConfig config, LaunchServices services) {}

  /** Launches, runs, and tears down. */
  public RunResult run() throws VmmException {
    throw new UnsupportedOperationException();
  }

  /** Ends the run with an outcome, unless it has ended already. */
  public void end(Outcome outcome) {
    throw new UnsupportedOperationException();
  }
}
