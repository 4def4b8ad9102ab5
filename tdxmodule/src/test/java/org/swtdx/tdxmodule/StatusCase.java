package org.swtdx.tdxmodule;

import org.swtdx.seamcall.StatusCode;

/**
 * A way to reach one completion status of one leaf.
 *
 * @param leaf the leaf's name
 * @param code what it shall answer
 * @param details bits 31:0 of the answer
 * @param host makes the host that the scenario gets
 * @param scenario provokes the answer, which is what it returns
 */
record StatusCase(String leaf, StatusCode code, int details, HostSource host, Scenario scenario) {
  /** Details that differ from run to run. */
  static final int ANY_DETAILS = -1;

  /** Makes a host. */
  interface HostSource {
    Host get();
  }

  /** Returns RAX of the leaf in question. */
  interface Scenario {
    long run(Host host);
  }

  static StatusCase ready(String leaf, StatusCode code, int details, Scenario scenario) {
    return new StatusCase(leaf, code, details, Host::ready, scenario);
  }

  static StatusCase loaded(String leaf, StatusCode code, int details, Scenario scenario) {
    return new StatusCase(leaf, code, details, Host::loaded, scenario);
  }

  @Override
  public String toString() {
    return leaf + " " + code;
  }
}
