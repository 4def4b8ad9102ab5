package org.swtdx.tdxmodule.td;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.swtdx.tdxmodule.measure.Mrtd;
import org.swtdx.tdxmodule.measure.RuntimeMeasurements;
import org.swtdx.tdxmodule.measure.Sha384;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.virt.TdParameters;

/** The TD control structure: TD-scope configuration and state. Each member says what guards it. */
public final class Tdcs {
  /** Pages of a TD without L2 VMs. */
  public static final int BASE_PAGES = 6;

  /** Position of the TDCS page that is the root of the Secure EPT. */
  public static final int SEPT_ROOT_PAGE = 3;

  /** Position of the TDCS page that stays zero. */
  public static final int ZERO_PAGE = 4;

  /** Most vCPUs that a TD can have. */
  public static final int MAX_VCPUS = 576;

  /** TD_CTLS bits. */
  public static final long CTLS_PENDING_VE_DISABLE = 1,
      CTLS_ENUM_TOPOLOGY = 2,
      CTLS_VIRT_CPUID2 = 4;

  /** NOTIFY_ENABLES bit: #VE tells the guest when its host may be zero-stepping it. */
  public static final long NOTIFY_EPT_FAULTS = 1;

  private static final AtomicLongFieldUpdater<Tdcs> TD_CTLS =
      AtomicLongFieldUpdater.newUpdater(Tdcs.class, "tdCtls");

  /** Host-writable: microseconds before a guest that waits for a host-priority lock exits. */
  public volatile long hpLockTimeoutMicros = 1_000_000;

  /** Guest-writable TD_CTLS; read at TLB fills. */
  public volatile long tdCtls;

  /** Guest-writable NOTIFY_ENABLES. */
  public volatile long notifyEnables;

  /** Whether every vCPU got an x2APIC id from TDH.VP.INIT version 1. */
  public volatile boolean topologyEnumConfigured = true;

  /** Whether the hash of TDINFO is known, so that TDG.MR.REPORT takes no time for it. */
  public volatile boolean infoHashed;

  /** x2APIC ids by vCPU index; 0 where none was given. Guarded by the exclusive TDR lock. */
  public final int[] x2apicIds = new int[MAX_VCPUS];

  private final Tdr tdr;
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
  private volatile byte[] mrtd = new byte[Sha384.SIZE];
  private volatile long[] migrationEncryptionKey = new long[4];
  private volatile TscScaling tsc = TscScaling.NONE;

  Tdcs(Tdr tdr) {
    this.tdr = tdr;
  }

  /** The TD's root. */
  public Tdr tdr() {
    return tdr;
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

  /** MRTD, 48 bytes; zero until TDH.MR.FINALIZE. */
  public byte[] mrtd() {
    return mrtd.clone();
  }

  /** Sets MRTD. */
  public void setMrtd(byte[] value) {
    mrtd = value.clone();
  }

  /** One of the four words of MIG_ENC_KEY, drawn when the TDCS was complete. */
  public long migrationEncryptionKey(int word) {
    return migrationEncryptionKey[word];
  }

  /** Sets MIG_ENC_KEY. */
  public void setMigrationEncryptionKey(long[] key) {
    migrationEncryptionKey = key.clone();
  }

  /** How the virtual TSC follows the native one. */
  public TscScaling tsc() {
    return tsc;
  }

  /** Sets how the virtual TSC follows the native one. */
  public void setTsc(TscScaling scaling) {
    tsc = scaling;
  }

  /** Whether the guest gets #VE for an access to a pending page, else the access exits. */
  public boolean pendingCausesVe() {
    return (tdCtls & CTLS_PENDING_VE_DISABLE) == 0;
  }

  /** EPTP as the processor has it: root of the Secure EPT and EPTP_CONTROLS. */
  public long eptp() {
    return tdr.tdcxPages().get(SEPT_ROOT_PAGE) | parameters().eptpControls();
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

  /** Replaces TD_CTLS; false when it is no longer {@code old}. */
  public boolean replaceTdCtls(long old, long value) {
    return TD_CTLS.compareAndSet(this, old, value);
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
    return parameters().debug();
  }

  /** The SHARED bit of guest physical addresses. */
  public long sharedBit() {
    return parameters().sharedBit();
  }

  /** Whether {@code gpa} is a private address within the widths that the guest has. */
  public boolean isPrivate(long gpa) {
    return (gpa & (sharedBit() | parameters().reservedAddressBits())) == 0;
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
