package org.swtdx.tdxmodule.platform;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * The structures that hardware keeps in memory under the global key and the keys of TDs: the PAMT,
 * TDRs and TDVPSs. They outlive a module that is replaced.
 */
final class TdMemory {
  private final Pamt pamt = new Pamt();
  private final Map<Long, Tdr> tdrs = new ConcurrentHashMap<>();
  private final Map<Long, Tdvps> vcpus = new ConcurrentHashMap<>();

  Pamt pamt() {
    return pamt;
  }

  Map<Long, Tdr> tdrs() {
    return tdrs;
  }

  Map<Long, Tdvps> vcpus() {
    return vcpus;
  }
}
