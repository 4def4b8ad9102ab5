package org.swtdx.tdxmodule.vp;

import org.swtdx.cpu.CpuState;
import org.swtdx.cpu.ExitReason;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.cpu.Processor;
import org.swtdx.cpu.VeInformation;
import org.swtdx.cpu.VmExit;
import org.swtdx.memory.seam.PhysicalBus;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SecureEptMap;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.virt.TdParameters;

/**
 * The part of TDVPS that TDH.VP.INIT creates: the guest processor, its translation and what the
 * module keeps about both. Used by the LP that the vCPU is associated with only.
 */
public final class GuestContext {
  /** {@link #cpuidVe} bit: CPUID at CPL 0 raises #VE. */
  public static final int CPUID_SUPERVISOR_VE = 1;

  /** {@link #cpuidVe} bit: CPUID at CPL 1 to 3 raises #VE. */
  public static final int CPUID_USER_VE = 2;

  /** Bit of a status that the host sets for a guest which may try again. */
  private static final long HOST_RECOVERABILITY_HINT = 1L << 60;

  private TdxPlatform platform;
  private LogicalProcessor lp;
  private final Tdvps tdvps;
  private final Tdcs tdcs;
  private final TdParameters td;
  private final Processor processor;
  private final SecureEptMap map;
  private final GuestEvents events;
  private final ZeroStepDefence zeroStepDefence;
  private final TdExit tdExit = new TdExit();
  private final HostControls hostControls;
  private final int[] cpuidResult = new int[4];
  private final byte[] cpuidControl = new byte[128];
  private final int index;
  private final int x2ApicId;
  private boolean shutDown;

  /** VCPU_EPOCH: the TLB-tracking epoch of the last entry; 0 before the first. */
  public long epoch;

  /** LAST_TD_EXIT. */
  public LastExit lastExit = LastExit.ASYNC_FAULT;

  /**
   * PEND_NMI: not 0 when the host wants one NMI delivered. Written by another LP's thread never.
   */
  public int pendNmi;

  /** CPUID_SUPERVISOR_VE and CPUID_USER_VE, bytes that are not 0 where every CPUID raises #VE. */
  public int cpuidSupervisorVe, cpuidUserVe;

  /** RCX at the last entry. */
  public long entryRcx;

  /** Instructions that the processor had executed at the last entry. */
  public long entryInstructions;

  /** Instructions since the last entry that the module completed instead of the processor. */
  public long answeredInstructions;

  /** LAST_SEAMDB_INDEX: number of the module that entered the vCPU last. */
  public long lastSeamdbIndex;

  /** LAST_EXIT_TSC. */
  public long lastExitTsc;

  /** IA32_DEBUGCTL as the guest wrote it. */
  public long debugControl;

  /** Nanoseconds when the guest first failed on a lock the host wants; 0 when it does not wait. */
  public long hostPrioritySince;

  GuestContext(TdxPlatform platform, Tdvps tdvps, int index, int x2ApicId) {
    this.platform = platform;
    lp = platform.machine().processors().getFirst();
    this.tdvps = tdvps;
    tdcs = tdvps.tdr().tdcs();
    this.index = index;
    this.x2ApicId = x2ApicId;
    td = tdcs.parameters();
    map = new SecureEptMap(tdcs, platform.machine().memory());
    processor = new Processor(platform.machine(), map);
    events = new GuestEvents(processor);
    zeroStepDefence = new ZeroStepDefence(map);
    hostControls = new HostControls(processor, map);
  }

  /**
   * Prepares for an entry on {@code processor} under the module that {@code current} belongs to.
   */
  public void attach(TdxPlatform current, LogicalProcessor processor) {
    platform = current;
    lp = processor;
    lastSeamdbIndex = current.range().installations();
  }

  /** The LP of the last entry. */
  public LogicalProcessor lp() {
    return lp;
  }

  /** Platform scope. */
  public TdxPlatform platform() {
    return platform;
  }

  /** The vCPU's control structure. */
  public Tdvps tdvps() {
    return tdvps;
  }

  /** TD scope. */
  public Tdcs tdcs() {
    return tdcs;
  }

  /** What the TD was configured to be. */
  public TdParameters td() {
    return td;
  }

  /** The TD's CPUID. */
  public TdCpuid cpuid() {
    return td.cpuid();
  }

  /** The guest processor. */
  public Processor processor() {
    return processor;
  }

  /** Its registers. */
  public CpuState state() {
    return processor.state();
  }

  /** Its last VM exit. */
  public VmExit exit() {
    return processor.exit();
  }

  /** Its #VE information area. */
  public VeInformation ve() {
    return processor.veInformation();
  }

  /** Its second-level translation. */
  public SecureEptMap map() {
    return map;
  }

  /** Exceptions for the guest. */
  public GuestEvents events() {
    return events;
  }

  /** Its guard against zero-stepping. */
  public ZeroStepDefence zeroStepDefence() {
    return zeroStepDefence;
  }

  /** Whether the guest may use MONITOR and MWAIT. */
  public boolean hasMonitor() {
    return cpuid().has(1, 0, 2, 3);
  }

  /**
   * Tells the guest, by #VE with the last EPT violation, that its host may be zero-stepping it; not
   * when the last exit had another cause or #VE cannot be taken now.
   */
  public void notifyOfZeroStep() {
    VmExit exit = exit();
    boolean ofPrivatePage =
        exit.reason == ExitReason.EPT_VIOLATION.number()
            && (exit.guestPhysicalAddress & td.sharedBit()) == 0;
    boolean deliverable =
        (state().interruptibility() & EptViolation.BLOCKING_BY_NMI) == 0
            && (exit.qualification & EptViolation.NMI_UNBLOCKING) == 0
            && exit.idtVectoringInfo >= 0
            && !ve().valid;
    if (ofPrivatePage && deliverable) {
      events.virtualizationOfAccess(exit.qualification, 0, exit.guestPhysicalAddress);
    }
  }

  /** What TDH.VP.ENTER returns next. */
  public TdExit tdExit() {
    return tdExit;
  }

  /** VMCS fields of the host. */
  public HostControls hostControls() {
    return hostControls;
  }

  /** Scratch for a CPUID result, EAX to EDX. */
  public int[] cpuidResult() {
    return cpuidResult;
  }

  /** CPUID_CONTROL of one leaf: bit 0 supervisor, bit 1 user #VE. */
  public int cpuidControl(int slot) {
    return cpuidControl[slot];
  }

  /** Sets CPUID_CONTROL of one leaf. */
  public void setCpuidControl(int slot, int flags) {
    cpuidControl[slot] = (byte) flags;
  }

  /** Which CPLs take #VE on CPUID of a leaf. */
  public int cpuidVe(int leaf, int subleaf) {
    int slot = TdCpuid.controlSlot(leaf, subleaf);
    int all =
        (cpuidSupervisorVe != 0 ? CPUID_SUPERVISOR_VE : 0) | (cpuidUserVe != 0 ? CPUID_USER_VE : 0);
    return slot < 0 ? all : all | cpuidControl[slot];
  }

  /** Ends the vCPU: it was in shutdown and cannot be entered again. */
  public void shutDown() {
    shutDown = true;
  }

  /** Whether the vCPU has shut down. */
  public boolean isShutDown() {
    return shutDown;
  }

  /** VCPU_INDEX. */
  public int index() {
    return index;
  }

  /** The x2APIC id given by TDH.VP.INIT version 1, else VCPU_INDEX. */
  public int x2ApicId() {
    return x2ApicId;
  }

  /** The memory bus. */
  public PhysicalBus bus() {
    return platform.bus();
  }

  /** The address that reaches {@code hpa} with the TD's key. */
  public long keyed(long hpa) {
    return tdcs.tdr().keyed(hpa);
  }

  /** Whether TDG.VP.VMCALL must leave RBP alone. */
  public boolean keepsRbp() {
    return (td.configFlags() & TdParameters.NO_RBP_MOD) != 0;
  }

  /**
   * Completes a TDG.VP.VMCALL, if that is how the vCPU left, with the host's registers; tells a
   * guest whose leaf was ended by a TD exit whether it may hope for the host.
   *
   * @param recoverable the host's hint
   */
  public void receiveRegisters(SeamRegisters regs, boolean recoverable) {
    switch (lastExit) {
      case TDVMCALL -> TdExit.returnRegisters(regs, state());
      case ASYNC_TRAP -> {
        long status = state().gpr(CpuState.RAX) & ~HOST_RECOVERABILITY_HINT;
        state().setGpr(CpuState.RAX, recoverable ? status | HOST_RECOVERABILITY_HINT : status);
      }
      case ASYNC_FAULT -> {}
    }
    lastExit = LastExit.ASYNC_FAULT;
  }

  /** Hands a pending NMI to the processor, unless #VE information still waits to be taken. */
  public void offerNmi() {
    if (pendNmi != 0 && !ve().valid) {
      pendNmi = 0;
      processor.requestNmi();
    }
  }
}
