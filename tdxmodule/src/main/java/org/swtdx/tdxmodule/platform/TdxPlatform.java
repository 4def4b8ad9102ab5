package org.swtdx.tdxmodule.platform;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/** The module's platform-scope state: one per loaded module. */
public final class TdxPlatform {
  /** Value of the global KeyID before TDH.SYS.CONFIG chose one. */
  public static final int NO_KEY_ID = -1;

  private final Platform platform;
  private final PhysicalBus bus;
  private final SharexLock globalLock = new SharexLock();
  private final Kot kot;
  private final Pamt pamt = new Pamt();
  private final AtomicBoolean[] lpInitialized;
  private final SharexLock[] writeBackLocks;
  private final Map<Long, Tdr> tdrs = new ConcurrentHashMap<>();
  private final Map<Long, Tdvps> vcpus = new ConcurrentHashMap<>();
  private volatile SystemState state = SystemState.SYSINIT_PENDING;
  private volatile int globalKeyId = NO_KEY_ID;
  private volatile long packagesWithGlobalKey;

  /** State of a module that was just loaded onto {@code platform}. */
  public TdxPlatform(Platform platform) {
    this.platform = platform;
    bus = PhysicalBus.of(platform.memory());
    kot = new Kot(platform.memory().layout());
    lpInitialized = new AtomicBoolean[platform.processors().size()];
    writeBackLocks = new SharexLock[platform.packages()];
    java.util.Arrays.setAll(lpInitialized, _ -> new AtomicBoolean());
    java.util.Arrays.setAll(writeBackLocks, _ -> new SharexLock());
  }

  /** The machine. */
  public Platform machine() {
    return platform;
  }

  /** The machine's memory bus. */
  public PhysicalBus bus() {
    return bus;
  }

  /** How physical addresses are divided. */
  public PhysicalAddressLayout layout() {
    return platform.memory().layout();
  }

  /** Time and entropy. */
  public Environment environment() {
    return platform.environment();
  }

  /** The lock of bring-up leaves; contention is SYS_BUSY. */
  public SharexLock globalLock() {
    return globalLock;
  }

  /** Where the module is in its life. */
  public SystemState state() {
    return state;
  }

  /** Moves on; needs the global lock exclusively. */
  public void setState(SystemState next) {
    state = next;
  }

  /** Whether TDH.SYS.LP.INIT was done on {@code lp}. */
  public boolean lpInitialized(LogicalProcessor lp) {
    return lpInitialized[lp.index()].get();
  }

  /** Marks {@code lp} initialized; false when it was. */
  public boolean initializeLp(LogicalProcessor lp) {
    return lpInitialized[lp.index()].compareAndSet(false, true);
  }

  /** Whether every LP is initialized. */
  public boolean allLpsInitialized() {
    for (AtomicBoolean b : lpInitialized) {
      if (!b.get()) {
        return false;
      }
    }
    return true;
  }

  /** The KeyID ownership table. */
  public Kot kot() {
    return kot;
  }

  /** The page metadata. */
  public Pamt pamt() {
    return pamt;
  }

  /** The lock of the cache write-back on one package; contention blames operand WBCACHE. */
  public SharexLock writeBackLock(int packageId) {
    return writeBackLocks[packageId];
  }

  /** The KeyID of TDRs and the PAMT, or {@link #NO_KEY_ID}. */
  public int globalKeyId() {
    return globalKeyId;
  }

  /** Chooses the global KeyID. */
  public void setGlobalKeyId(int keyId) {
    globalKeyId = keyId;
  }

  /** Packages whose memory controller has the global key, a bitmap. */
  public long packagesWithGlobalKey() {
    return packagesWithGlobalKey;
  }

  /** Records that a package has the global key. */
  public void setPackagesWithGlobalKey(long bitmap) {
    packagesWithGlobalKey = bitmap;
  }

  /** A bitmap with one bit per package. */
  public long allPackages() {
    return -1L >>> (64 - platform.packages());
  }

  /** The TD whose TDR is at {@code hpa}, or null. */
  public @Nullable Tdr tdr(long hpa) {
    return tdrs.get(hpa);
  }

  /** All TDs, by the HPA of their TDR. */
  public Map<Long, Tdr> tdrs() {
    return tdrs;
  }

  /** All vCPUs, by the HPA of their TDVPR. */
  public Map<Long, Tdvps> vcpus() {
    return vcpus;
  }

  /** Initializes a page that the host gave away: zeros under {@code keyId}. */
  public void takePage(long hpa, int keyId) {
    bus.initialize(layout().keyed(hpa, keyId), PageSize.bytes(PageSize.LEVEL_4K));
  }
}
