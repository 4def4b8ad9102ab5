package org.swtdx.kvm;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.CpuidModel;
import org.swtdx.cpu.Platform;
import org.swtdx.seamcall.BringUp;
import org.swtdx.seamcall.TdxPlatform;

/**
 * The host: a platform whose TDX module is brought up if there is one, and the KVM loaded on it.
 * Processes open /dev/kvm on it.
 */
public final class KvmHost {
  private final HeapRoom heap = new HeapRoom(Runtime.getRuntime().maxMemory() / 2);
  private final Platform platform;
  private final @Nullable TdxPlatform tdx;
  private final @Nullable TdxLimits limits;
  private final String tdxUnavailable;
  private final HostCpus cpus;
  private final TdxAssociations associations;
  private final HostTimers timers;
  private final Set<KvmExtension> extensions;
  private final KernelLog log = new KernelLog();
  private final AtomicLong vms = new AtomicLong();
  private volatile @Nullable TdObserver observer;

  /**
   * Serializes SEAMCALLs that lock what all TDs share (the KeyID table, a package's keys, its
   * caches): the module would answer the second one with TDX_OPERAND_BUSY. Taken after a VM's locks
   * and before a logical processor.
   */
  private final ReentrantLock sharedTables = new ReentrantLock();

  private final long baselineFrames;

  private KvmHost(Platform platform, BringUp bringUp, Set<KvmExtension> extensions) {
    this.platform = platform;
    this.extensions = Set.copyOf(extensions);
    cpus = new HostCpus(platform.processors());
    associations = new TdxAssociations(cpus);
    timers = new HostTimers(platform.environment());
    switch (bringUp) {
      case BringUp.Ready(TdxPlatform ready) -> {
        TdxLimits found = new TdxLimits(ready.info(), CpuidModel.nativeModel(), extensions);
        boolean usable = found.attributes() != 0 && found.xfam() != 0;
        tdx = usable ? ready : null;
        limits = usable ? found : null;
        tdxUnavailable = usable ? "" : "the module requires attributes that KVM does not support";
      }
      case BringUp.Failed failed -> {
        tdx = null;
        limits = null;
        tdxUnavailable = failed.toString();
      }
    }
    baselineFrames = platform.memory().frames().allocatedFrames();
  }

  /**
   * Brings the TDX module up, if the class or module path has one, and loads KVM. Without a module,
   * or when bring-up fails, KVM runs ordinary VMs only and {@link #tdxUnavailable} says why.
   */
  public static KvmHost start(Platform platform) {
    return start(platform, Set.of());
  }

  /** As above, with extensions that Linux does not have. */
  public static KvmHost start(Platform platform, Set<KvmExtension> extensions) {
    return new KvmHost(platform, TdxPlatform.bringUp(platform), extensions);
  }

  /** Loads KVM on a platform whose TDX module was, or was not, brought up before. */
  static KvmHost start(Platform platform, BringUp bringUp) {
    return start(platform, bringUp, Set.of());
  }

  /** As above, with extensions that Linux does not have. */
  static KvmHost start(Platform platform, BringUp bringUp, Set<KvmExtension> extensions) {
    return new KvmHost(platform, bringUp, extensions);
  }

  /** The extensions that are on. */
  public Set<KvmExtension> extensions() {
    return extensions;
  }

  /** Whether an extension is on. */
  boolean has(KvmExtension extension) {
    return extensions.contains(extension);
  }

  /** The platform. */
  public Platform platform() {
    return platform;
  }

  /** Why TDX is not available: leaf, status, operand and remedy; empty when it is. */
  public Optional<String> tdxUnavailable() {
    return tdxUnavailable.isEmpty() ? Optional.empty() : Optional.of(tdxUnavailable);
  }

  /** Version of the TDX module, "major.minor.update"; empty without one. */
  public Optional<String> tdxModuleVersion() {
    return tdx == null ? Optional.empty() : Optional.of(tdx.info().version());
  }

  /** Starts a process with an empty address space and no open files. */
  public VmmProcess newProcess() {
    return new VmmProcess(this);
  }

  /** The room that VMs and vCPUs have. */
  HeapRoom heap() {
    return heap;
  }

  long nextVmNumber() {
    return vms.incrementAndGet();
  }

  /** Opens /dev/kvm, for any process. */
  public SystemFile open() {
    return new SystemFile(this);
  }

  /** Has somebody told of TDs from now on, in place of whoever was told before. */
  public void observe(TdObserver newObserver) {
    observer = newObserver;
  }

  @Nullable TdObserver observer() {
    return observer;
  }

  /** Frames handed out since bring-up and not given back. */
  public long outstandingFrames() {
    return platform.memory().frames().allocatedFrames() - baselineFrames;
  }

  /** KeyIDs taken from the pool and not given back. */
  public int outstandingKeyIds() {
    return tdx == null ? 0 : tdx.keyIds().inUse();
  }

  /** The latest messages of the kernel's log, oldest first: why a VM died, among others. */
  public List<String> kernelLog() {
    return log.lines();
  }

  /**
   * Takes a logical processor offline. vCPUs move to the others, TDs' after a TDH.VP.FLUSH.
   *
   * @return 0; -EINVAL if no processor online has that index; -EBUSY if it is the last one, or the
   *     last one of a package while TDs exist, whose KeyIDs could not be retired there
   */
  public int takeOffline(int processor) {
    sharedTables.lock();
    try {
      return cpus.takeOffline(processor, outstandingKeyIds() > 0, associations::flushAll);
    } finally {
      sharedTables.unlock();
    }
  }

  /**
   * Takes a logical processor online again; the module still knows it.
   *
   * @return 0, or -EINVAL if no processor offline has that index
   */
  public int takeOnline(int processor) {
    return cpus.takeOnline(processor);
  }

  Optional<TdxPlatform> tdx() {
    return Optional.ofNullable(tdx);
  }

  /** What TDs can have; only when there is TDX. */
  TdxLimits tdxLimits() {
    return Objects.requireNonNull(limits);
  }

  HostCpus cpus() {
    return cpus;
  }

  TdxAssociations associations() {
    return associations;
  }

  ReentrantLock sharedTables() {
    return sharedTables;
  }

  HostTimers timers() {
    return timers;
  }

  KernelLog log() {
    return log;
  }

  int tscKhz() {
    return (int) (platform.environment().tscHz() / 1000);
  }
}
