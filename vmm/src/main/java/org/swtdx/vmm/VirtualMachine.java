package org.swtdx.vmm;

import org.swtdx.kvm.KvmHost;
import org.swtdx.vmm.launch.Launch;

/** One virtual machine, from launch to teardown. */
public final class VirtualMachine {
  private final Launch launch;

  /**
   * Prepares a launch; nothing happens on the host yet.
   *
   * @param host where to run
   * @param config what to run
   * @param services what the run needs
   */
  public VirtualMachine(KvmHost host, VirtualMachineConfig config, LaunchServices services) {
    launch = new Launch(host, config, services);
  }

  /**
   * Launches the machine, runs it to its end and tears it down; once.
   *
   * @return how it went
   * @throws VmmException if it could not be launched; everything taken is given back
   */
  public RunResult run() throws VmmException {
    return launch.run();
  }

  /** Ends a run from another thread, now or as soon as it starts. */
  public void quit() {
    launch.end(new Outcome.Quit());
  }
}
