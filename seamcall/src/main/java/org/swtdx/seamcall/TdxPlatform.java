package org.swtdx.seamcall;

import java.util.Iterator;
import java.util.Optional;
import java.util.ServiceLoader;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.memory.KeyId;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.seamcall.port.SeamPort;
import org.swtdx.seamcall.port.SeamProvider;

/** A platform whose TDX module is ready: the wrappers, what the module reported, the KeyID pool. */
public final class TdxPlatform {
  private final SeamcallGate gate;
  private final SysInfo info;
  private final KeyIdPool keyIds;
  private final KeyId globalKeyId;
  private final TdhMng mng;
  private final TdhMem mem;
  private final TdhVp vp;
  private final TdhPhymem phymem;

  TdxPlatform(PhysicalAddressLayout layout, SeamcallGate gate, SysInfo info) {
    this.gate = gate;
    this.info = info;
    globalKeyId = new KeyId(layout.firstTdxKeyId());
    keyIds = new KeyIdPool(layout.firstTdxKeyId() + 1, layout.tdxKeyIds() - 1);
    mng = new TdhMng(gate);
    mem = new TdhMem(gate);
    vp = new TdhVp(gate);
    phymem = new TdhPhymem(gate, layout);
  }

  /**
   * Loads the TDX module that the service loader finds and brings it up: initialises it and every
   * logical processor, hands all convertible memory to it, and programs the global key.
   */
  public static BringUp bringUp(Platform platform) {
    Iterator<SeamProvider> providers = ServiceLoader.load(SeamProvider.class).iterator();
    if (!providers.hasNext()) {
      return new BringUp.Failed(
          "", "there is no TDX module", "put one on the class or module path");
    }
    return bringUp(platform, providers.next().load(platform));
  }

  /** Brings up the module behind {@code port}. */
  public static BringUp bringUp(Platform platform, SeamPort port) {
    return new BringUpSequence(platform, new SeamcallGate(platform, port)).run();
  }

  /**
   * Replaces the module by a freshly loaded one while TDs live. The host has made running vCPUs
   * leave and keeps them out meanwhile.
   *
   * @return why it did not succeed, empty when it did
   */
  public Optional<BringUp.Failed> updateModule() {
    return Optional.ofNullable(new ModuleUpdate(gate.platform(), gate).run());
  }

  /** What the module reported. */
  public SysInfo info() {
    return info;
  }

  /** The KeyID under which the module keeps its own data, TDRs among it. */
  public KeyId globalKeyId() {
    return globalKeyId;
  }

  /** KeyIDs for TDs. */
  public KeyIdPool keyIds() {
    return keyIds;
  }

  /** Leaves that manage TDs. */
  public TdhMng mng() {
    return mng;
  }

  /** Leaves that manage private memory. */
  public TdhMem mem() {
    return mem;
  }

  /** Leaves that manage and run vCPUs. */
  public TdhVp vp() {
    return vp;
  }

  /** Leaves that manage physical pages. */
  public TdhPhymem phymem() {
    return phymem;
  }

  /** Runs {@code action} as host code on {@code lp}, waiting until it is free. */
  static <R> R on(LogicalProcessor lp, java.util.function.Function<LogicalProcessor, R> action) {
    lp.occupancy().lock();
    try {
      return action.apply(lp);
    } finally {
      lp.occupancy().unlock();
    }
  }
}
