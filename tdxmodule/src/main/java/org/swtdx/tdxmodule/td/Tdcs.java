package org.swtdx.tdxmodule.td;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.measure.Mrtd;
import org.swtdx.tdxmodule.measure.RuntimeMeasurements;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.virt.TdParameters;

/**
 * The TD control structure: TD-scope configuration and state. Each member says what guards it.
 */
public final class Tdcs {
  /** Pages of a TD without L2 VMs. */
  public static final int BASE_PAGES = 6;

  /** Most vCPUs that a TD can have. */
  public static final int MAX_VCPUS = 576;

  /** Bytes of a measurement or identity. */
  public static final int MEASUREMENT_SIZE = 48;

  /** ATTRIBUTES.DEBUG. */
  public static final long ATTR_DEBUG = 1L;

  /** ATTRIBUTES.SEPT_VE_DISABLE. */
  public static final long ATTR_SEPT_VE_DISABLE = 1L << 28;

  /** ATTRIBUTES.PERFMON. */
  public static final long ATTR_PERFMON = 1L << 63;

  /** CONFIG_FLAGS bits. */
  public static final long CONFIG_GPAW = 1,
      CONFIG_FLEXIBLE_PENDING_VE = 2,
      CONFIG_NO_RBP_MOD = 4,
      CONFIG_MAXPA_VIRT = 8;

  /** TD_CTLS bits. */
  public static final long CTLS_PENDING_VE_DISABLE = 1,
      CTLS_ENUM_TOPOLOGY = 2,
      CTLS_VIRT_CPUID2 = 4;

  /** MRTD: zero until TDH.MR.FINALIZE. */
  public final byte[] mrtd = new byte[MEASUREMENT_SIZE];

  /** Host-writable: nanoseconds before a guest that waits for a host-priority lock exits. */
  public volatile long hpLockTimeout = 1_000_000_000L;

  /** Guest-writable TD_CTLS; read at TLB fills. */
  public volatile long tdCtls;

  /** Guest-writable NOTIFY_ENABLES. */
  public volatile long notifyEnables;

  /** Whether every vCPU got an x2APIC id from TDH.VP.INIT version 1. */
  public volatile boolean topologyEnumConfigured = true;

  /** x2APIC ids by vCPU index; -1 where none was given. Guarded by the exclusive TDR lock. */
  public final int[] x2apicIds = new int[MAX_VCPUS];

  private final Tdr tdr;
  private final TdConfiguration config = new TdConfiguration();
  private final SharexLock opStateLock = new SharexLock();
  private final SharexLock rtmrLock = new SharexLock();
  private final Mrtd measurement = new Mrtd();
  private final RuntimeMeasurements runtimeMeasurements = new RuntimeMeasurements();
  private final EpochTracker epochs = new EpochTracker();
  private final AtomicInteger vcpus = new AtomicInteger();
  private final AtomicInteger associatedVcpus = new AtomicInteger();
  private volatile OpState opState = OpState.UNINITIALIZED;
  private volatile @Nullable SecureEpt sept;
  private volatile @Nullable TdParameters parameters;

  Tdcs(Tdr tdr) {
    this.tdr = tdr;
    java.util.Arrays.fill(x2apicIds, -1);
  }

  /** The TD's root. */
  public Tdr tdr() {
    return tdr;
  }

  /** What TDH.MNG.INIT configured. */
  public TdConfiguration config() {
    return config;
  }

  /**
   * What TDH.MNG.INIT accepted from TD_PARAMS.
   *
   * @throws IllegalStateException before TDH.MNG.INIT; leaves check the op state first
   */
  public TdParameters parameters() {
    TdParameters p = parameters;
    if (p == null) {
      throw new IllegalStateException("the TD is not initialized");
    }
    return p;
  }

  /** Records what TDH.MNG.INIT accepted. */
  public void setParameters(TdParameters accepted) {
    parameters = accepted;
  }

  /** The MRTD being computed; needs the exclusive TDR lock. */
  public Mrtd measurement() {
    return measurement;
  }

  /** The RTMRs; needs {@link #rtmrLock}. */
  public RuntimeMeasurements runtimeMeasurements() {
    return runtimeMeasurements;
  }

  /** Guards {@link #opState}; contention blames operand OP_STATE. */
  public SharexLock opStateLock() {
    return opStateLock;
  }

  /** Guards the RTMRs; contention blames operand RTMR. */
  public SharexLock rtmrLock() {
    return rtmrLock;
  }

  /** OP_STATE. */
  public OpState opState() {
    return opState;
  }

  /** Moves on; needs the op-state lock, or the TDR, exclusively. */
  public void setOpState(OpState next) {
    opState = next;
  }

  /** TLB tracking. */
  public EpochTracker epochs() {
    return epochs;
  }

  /** NUM_VCPUS. */
  public AtomicInteger vcpus() {
    return vcpus;
  }

  /** NUM_ASSOC_VCPUS. */
  public AtomicInteger associatedVcpus() {
    return associatedVcpus;
  }

  /** Whether ATTRIBUTES.DEBUG is set. */
  public boolean debug() {
    return (config.attributes & ATTR_DEBUG) != 0;
  }

  /** The SHARED bit of guest physical addresses. */
  public long sharedBit() {
    return 1L << (config.gpaw() - 1);
  }

  /**
   * The Secure EPT.
   *
   * @throws IllegalStateException before TDH.MNG.INIT; leaves check the op state first
   */
  public SecureEpt sept() {
    SecureEpt s = sept;
    if (s == null) {
      throw new IllegalStateException("the TD is not initialized");
    }
    return s;
  }

  /** Sets the Secure EPT, when its depth is known. */
  public void setSept(SecureEpt root) {
    sept = root;
  }
}
