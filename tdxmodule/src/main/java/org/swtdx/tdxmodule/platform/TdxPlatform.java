package org.swtdx.tdxmodule.platform;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.Environment;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Platform;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/** The module's platform-scope state: one per loaded module. */
public final class TdxPlatform {
  /** Value of the global KeyID before TDH.SYS.CONFIG chose one. */
  public static final int NO_KEY_ID = -1;

  private final Platform platform;
  private final PhysicalBus bus;
  private final SharexLock globalLock = new SharexLock();
  private final SeamRange range;
  private final Kot kot;
  private final AtomicBoolean[] lpInitialized;
  private final HostMsrs[] hostMsrs;
  private final long[] stepSeeds;
  private final CacheWriteBack[] writeBacks;
  private volatile TdMemory tdMemory = new TdMemory();
  private volatile Disturbances disturbances = Disturbances.NONE;
  private volatile SystemState state = SystemState.SYSINIT_PENDING;
  private volatile long tscAdjust;
  private volatile int globalKeyId = NO_KEY_ID;
  private volatile long packagesWithGlobalKey;

  /** State of a module that was just loaded onto {@code platform}, into {@code range}. */
  public TdxPlatform(Platform platform, SeamRange range) {
    this.platform = platform;
    this.range = range;
    bus = PhysicalBus.of(platform.memory());
    kot = new Kot(platform.memory().layout());
    lpInitialized = new AtomicBoolean[platform.processors().size()];
    hostMsrs = new HostMsrs[lpInitialized.length];
    stepSeeds = new long[lpInitialized.length];
    writeBacks = new CacheWriteBack[platform.packages()];
    java.util.Arrays.setAll(lpInitialized, _ -> new AtomicBoolean());
    java.util.Arrays.setAll(hostMsrs, _ -> new HostMsrs());
    java.util.Arrays.setAll(writeBacks, _ -> new CacheWriteBack());
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

  /** The SEAM range that the module is in. */
  public SeamRange range() {
    return range;
  }

  /** The host's MSRs of {@code lp}. */
  public HostMsrs hostMsrs(LogicalProcessor lp) {
    return hostMsrs[lp.index()];
  }

  /** What keeps leaves from succeeding beyond what really happens. */
  public Disturbances disturbances() {
    return disturbances;
  }

  /** Makes leaves fail on demand. */
  public void setDisturbances(Disturbances provoked) {
    disturbances = provoked;
  }

  /**
   * Draws 64 random bits.
   *
   * @throws Refusal with RND_NO_ENTROPY when the generator has none
   */
  public long random() throws Refusal {
    Refusal.unless(!disturbances.noEntropy(), Status.RND_NO_ENTROPY);
    return platform.environment().random64();
  }

  /** Samples at TDH.SYS.INIT what every LP must agree with later. */
  public void sample(LogicalProcessor lp) throws Refusal {
    random(); // the canary of the module's stacks
    tscAdjust = hostMsrs(lp).tscAdjust;
  }

  /** Seeds the generator of {@code lp} for {@link #randomSteps}. */
  public void seed(LogicalProcessor lp) throws Refusal {
    stepSeeds[lp.index()] = random() | 1;
  }

  /** A random number of instructions, 1 to 32; called on {@code lp} only. */
  public int randomSteps(LogicalProcessor lp) {
    long x = stepSeeds[lp.index()];
    x ^= x << 13;
    x ^= x >>> 7;
    x ^= x << 17;
    stepSeeds[lp.index()] = x;
    return (int) (x >>> 59) + 1;
  }

  /** Checks that {@code lp} agrees with what TDH.SYS.INIT sampled. */
  public void checkConsistent(LogicalProcessor lp) throws Refusal {
    Refusal.unless(
        (hostMsrs(lp).miscEnable & HostMsrs.LIMIT_CPUID_MAXVAL) == 0,
        Status.LIMIT_CPUID_MAXVAL_SET);
    checkTscAdjust(lp);
  }

  /** Checks that the host did not move {@code lp}'s TSC since TDH.SYS.INIT. */
  public void checkTscAdjust(LogicalProcessor lp) throws Refusal {
    Refusal.unless(
        hostMsrs(lp).tscAdjust == tscAdjust,
        Status.with(Status.INCONSISTENT_MSR, HostMsrs.TSC_ADJUST));
  }

  /** Whether an interrupt waits for {@code lp}: leaves that take long end early for it. */
  public boolean interruptPending(LogicalProcessor lp) {
    return lp.interruptPending() || disturbances.interruptPending();
  }

  /** Begins with memory that holds no TD, as TDH.SYS.CONFIG does; handoff data is void. */
  public void configure(List<Tdmr> tdmrs) {
    TdMemory fresh = new TdMemory();
    fresh.pamt().configure(tdmrs);
    tdMemory = fresh;
    range.setTdMemory(fresh);
    range.setHandoff(null);
  }

  /** Leaves this module's state for the next one, as TDH.SYS.SHUTDOWN does. */
  public void handOver(int version) {
    range.setHandoff(new SeamRange.Handoff(version, HandoffData.write(this)));
  }

  /**
   * Goes on where the module before this one stopped, as TDH.SYS.UPDATE does.
   *
   * @throws Refusal with SYS_INVALID_HANDOFF; nothing has changed then
   */
  public void takeOver(byte[] handoffData) throws Refusal {
    TdMemory memory = range.tdMemory();
    HandoffData.read(handoffData, this, memory);
    tdMemory = memory;
    range.setHandoff(null);
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
    return tdMemory.pamt();
  }

  /** The cache write-back of one package. */
  public CacheWriteBack writeBack(int packageId) {
    return writeBacks[packageId];
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
    return tdMemory.tdrs().get(hpa);
  }

  /** All TDs, by the HPA of their TDR. */
  public Map<Long, Tdr> tdrs() {
    return tdMemory.tdrs();
  }

  /** All vCPUs, by the HPA of their TDVPR. */
  public Map<Long, Tdvps> vcpus() {
    return tdMemory.vcpus();
  }

  /** Initializes a page that the host gave away: zeros under {@code keyId}. */
  public void takePage(long hpa, int keyId) {
    bus.initialize(layout().keyed(hpa, keyId), PageSize.bytes(PageSize.LEVEL_4K));
  }
}
