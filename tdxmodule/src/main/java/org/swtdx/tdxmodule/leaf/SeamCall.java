package org.swtdx.tdxmodule.leaf;

import org.jspecify.annotations.Nullable;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.PhysicalAddressLayout;
import org.swtdx.seamcall.port.SeamRegisters;
import org.swtdx.tdxmodule.platform.PageSize;
import org.swtdx.tdxmodule.platform.PageType;
import org.swtdx.tdxmodule.platform.PamtEntry;
import org.swtdx.tdxmodule.platform.Releasable;
import org.swtdx.tdxmodule.platform.SharexLock;
import org.swtdx.tdxmodule.platform.Tdmr;
import org.swtdx.tdxmodule.platform.TdxPlatform;
import org.swtdx.tdxmodule.sept.SecureEpt;
import org.swtdx.tdxmodule.sept.SeptEntry;
import org.swtdx.tdxmodule.status.Operand;
import org.swtdx.tdxmodule.status.Refusal;
import org.swtdx.tdxmodule.status.Status;
import org.swtdx.tdxmodule.table.LeafRow;
import org.swtdx.tdxmodule.td.LifecycleState;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.td.Tdr;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * One SEAMCALL being executed: its operands, and the checks and locks that leaves share. Every lock
 * is tried once; the dispatcher releases all of them, last taken first.
 */
public final class SeamCall {
  /** Lock mode names for {@code exclusive} parameters. */
  public static final boolean SHARED = false, EXCLUSIVE = true;

  /** Two PAMT walks of three levels, owner, op state, tree, entry, page, and room to spare. */
  private static final int MAX_LOCKS = 12;

  private final TdxPlatform platform;
  private final LogicalProcessor lp;
  private final SeamRegisters regs;
  private final LeafRow leaf;
  private final int version;
  private final @Nullable Releasable[] held = new Releasable[MAX_LOCKS];
  private int heldCount;
  private int heldExclusively;
  private @Nullable Tdr tdr;

  /** A call of {@code leaf} in {@code version} by {@code lp}. */
  public SeamCall(
      TdxPlatform platform, LogicalProcessor lp, SeamRegisters regs, LeafRow leaf, int version) {
    this.platform = platform;
    this.lp = lp;
    this.regs = regs;
    this.leaf = leaf;
    this.version = version;
  }

  /** The module's platform-scope state. */
  public TdxPlatform platform() {
    return platform;
  }

  /** The LP that executes the call. */
  public LogicalProcessor lp() {
    return lp;
  }

  /** The operands; outputs replace them. */
  public SeamRegisters regs() {
    return regs;
  }

  /** The version that the caller asked for. */
  public int version() {
    return version;
  }

  /** The TD that the call locked last, or null. */
  public @Nullable Tdr tdr() {
    return tdr;
  }

  /** Whether an interrupt is pending, for which a long leaf ends early. */
  public boolean interruptPending() {
    return platform.interruptPending(lp);
  }

  private boolean disturbed(int operand) {
    return platform.disturbances().busyForHost(operand);
  }

  /** Remembers a lock that the call took. */
  private void hold(Releasable lock, boolean exclusive) {
    held[heldCount] = lock;
    heldExclusively |= exclusive ? 1 << heldCount : 0;
    heldCount++;
  }

  /** Gives all locks back, last taken first. */
  public void releaseLocks() {
    while (heldCount > 0) {
      releaseLast();
    }
  }

  /** Gives the lock that was taken last back early. */
  public void releaseLast() {
    heldCount--;
    Releasable lock = held[heldCount];
    if (lock != null) {
      lock.release((heldExclusively >>> heldCount & 1) != 0);
    }
    heldExclusively &= ~(1 << heldCount);
  }

  /** Tries a lock; {@code busy} is the complete status when it is held elsewhere. */
  public void lock(SharexLock lock, boolean exclusive, long busy) throws Refusal {
    Refusal.unless(!disturbed((int) busy) && lock.tryHost(exclusive), busy);
    hold(lock, exclusive);
  }

  /** Checks a private HPA operand: aligned, in range, no KeyID bits. */
  public void checkPrivateHpa(long hpa, long alignment, int operand) throws Refusal {
    boolean bad = (hpa & alignment - 1) != 0 || hpa >>> platform.layout().keyIdShift() != 0;
    Refusal.operandInvalidIf(bad, operand);
  }

  /** Checks a shared HPA operand: aligned, in range, no private KeyID. */
  public void checkSharedHpa(long hpa, long alignment, int operand) throws Refusal {
    PhysicalAddressLayout layout = platform.layout();
    boolean bad =
        (hpa & alignment - 1) != 0
            || hpa >>> layout.maxPhysicalAddressBits() != 0
            || layout.isTdx(layout.keyIdOf(hpa));
    Refusal.operandInvalidIf(bad, operand);
  }

  /**
   * Walks the PAMT to a 4 KiB page, locks its entry, and checks its type.
   *
   * @param hpa the page, an explicit operand
   * @param operand the operand's id
   * @param type what the page must be
   */
  public PamtEntry lockPage(long hpa, int operand, boolean exclusive, PageType type)
      throws Refusal {
    return lockPage(hpa, operand, PageSize.LEVEL_4K, exclusive, type);
  }

  /** As {@link #lockPage(long, int, boolean, PageType)} for a page of size {@code level}. */
  public PamtEntry lockPage(long hpa, int operand, int level, boolean exclusive, PageType type)
      throws Refusal {
    checkPrivateHpa(hpa, PageSize.bytes(level), operand);
    PamtEntry entry = lockLeaf(hpa, operand, level, exclusive);
    if (entry.level() != level || entry.type() != type) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, operand);
    }
    return entry;
  }

  /**
   * Walks the PAMT from 1 GiB down, taking upper entries shared, and locks the first entry that is
   * private TD memory, or the one of size {@code lowest}.
   */
  public PamtEntry lockLeaf(long hpa, int operand, int lowest, boolean exclusive) throws Refusal {
    Tdmr tdmr = platform.pamt().containing(hpa);
    if (tdmr == null) {
      throw new Refusal(Status.OPERAND_ADDR_RANGE_ERROR, operand);
    }
    for (int level = PageSize.LEVEL_1G; ; level--) {
      PamtEntry entry = tdmr.entry(hpa, level);
      boolean last = level == lowest || entry.type() == PageType.REG;
      if (last || !holdsShared(entry)) {
        lock(entry, last && exclusive, operand);
      }
      if (last) {
        return entry;
      }
      if (entry.type() == PageType.REG) { // became a large page between the look and the lock
        throw new Refusal(Status.OPERAND_BUSY, operand);
      }
    }
  }

  /** Whether this call took {@code entry} on another walk: one lock does for both. */
  private boolean holdsShared(PamtEntry entry) {
    for (int i = 0; i < heldCount; i++) {
      if (entry.equals(held[i]) && (heldExclusively >>> i & 1) == 0) {
        return true;
      }
    }
    return false;
  }

  /** Locks a PAMT entry that was found without a walk; contention blames {@code operand}. */
  public void lock(PamtEntry entry, boolean exclusive, int operand) throws Refusal {
    if (disturbed(operand) || !entry.tryLock(exclusive)) {
      throw new Refusal(Status.OPERAND_BUSY, operand);
    }
    hold(entry, exclusive);
  }

  /** Locks the TD whose TDR page is the operand {@code hpa}. */
  public Tdr lockTdr(long hpa, int operand, boolean exclusive) throws Refusal {
    lockPage(hpa, operand, exclusive, PageType.TDR);
    Tdr found = platform.tdr(hpa);
    if (found == null) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, operand);
    }
    tdr = found;
    return found;
  }

  /** Locks the owner of a page that is locked: an implicit operand, blamed as TDR. */
  public Tdr lockOwner(PamtEntry page, boolean exclusive) throws Refusal {
    long hpa = page.owner();
    lock(platform.pamt().implicit(hpa, PageSize.LEVEL_4K), exclusive, Operand.TDR);
    Tdr found = platform.tdr(hpa);
    if (found == null) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, Operand.TDR);
    }
    tdr = found;
    return found;
  }

  /** Locks the TD of a vCPU: an implicit operand, blamed as TDR. */
  public Tdr lockOwner(Tdvps vcpu, boolean exclusive) throws Refusal {
    Tdr owner = vcpu.tdr();
    lock(platform.pamt().implicit(owner.hpa(), PageSize.LEVEL_4K), exclusive, Operand.TDR);
    tdr = owner;
    return owner;
  }

  /** Locks the vCPU whose TDVPR page is the operand {@code hpa}; its TD is not locked by this. */
  public Tdvps lockTdvps(long hpa, int operand, boolean exclusive) throws Refusal {
    PamtEntry page = lockPage(hpa, operand, exclusive, PageType.TDVPR);
    Tdvps vcpu = platform.vcpus().get(hpa);
    if (vcpu == null || page.owner() != vcpu.tdr().hpa()) {
      throw new Refusal(Status.PAGE_METADATA_INCORRECT, operand);
    }
    return vcpu;
  }

  /** Refuses for a TD that cannot live: fatal, without keys, or without its control pages. */
  public Tdcs checkTd(Tdr td) throws Refusal {
    Refusal.unless(!td.fatal(), Status.TD_FATAL);
    Refusal.unless(
        td.lifecycle() == LifecycleState.TD_KEYS_CONFIGURED, Status.TD_KEYS_NOT_CONFIGURED);
    Refusal.unless(td.tdcxPages().size() >= Tdcs.BASE_PAGES, Status.TDCS_NOT_ALLOCATED);
    return td.tdcs();
  }

  /**
   * {@link #checkTd}, then takes the op-state lock shared and checks that the operation state
   * allows this leaf.
   */
  public Tdcs checkOpState(Tdr td) throws Refusal {
    Tdcs tdcs = checkTd(td);
    lock(tdcs.opStateLock(), SHARED, Status.with(Status.OPERAND_BUSY, Operand.OP_STATE));
    return requireOpState(tdcs);
  }

  /** As {@link #checkOpState} under an exclusive TDR lock, where the op state needs no lock. */
  public Tdcs checkOpStateUnlocked(Tdr td) throws Refusal {
    return requireOpState(checkTd(td));
  }

  /**
   * Takes the Secure EPT tree lock, finds the entry for a mapping, locks it, and checks that this
   * leaf accepts its state. Reports the entry in RCX and RDX where it refuses because of it.
   */
  public SeptEntry lockEntry(Tdcs tdcs, GpaMapping at, boolean treeExclusive) throws Refusal {
    SecureEpt sept = tdcs.sept();
    lock(sept.treeLock(), treeExclusive, Status.with(Status.OPERAND_BUSY, Operand.SEPT_TREE));
    SeptEntry entry = walk(sept, at);
    lock(entry);
    return entry;
  }

  /** Locks an entry against leaves of the guest; reports it in RCX and RDX when that fails. */
  public void lock(SeptEntry entry) throws Refusal {
    if (disturbed(Operand.SEPT_ENTRY) || !entry.tryLockHost()) {
      throw septRefusal(entry, Status.OPERAND_BUSY);
    }
    hold(entry, EXCLUSIVE);
  }

  /**
   * Finds the entry for a mapping. When the walk ends above it, reports where in RCX and RDX and
   * refuses with EPT_WALK_FAILED.
   */
  public SeptEntry walk(SecureEpt sept, GpaMapping at) throws Refusal {
    SeptEntry entry = sept.walk(at.gpa(), at.level());
    if (entry.level() != at.level()) {
      throw septRefusal(entry, Status.EPT_WALK_FAILED);
    }
    return entry;
  }

  /**
   * Finds the entry that maps the private {@code gpa} of RCX. When there is none that anybody can
   * access, reports where the walk ended in RCX and RDX and refuses with EPT_ENTRY_NOT_PRESENT.
   */
  SeptEntry walkToPresentLeaf(Tdcs tdcs, long gpa) throws Refusal {
    GpaMapping.checkPrivate(gpa, 1, tdcs);
    SeptEntry entry = tdcs.sept().walkToLeaf(gpa);
    if (!entry.state().isLeaf() || entry.permissions() == 0) {
      throw septRefusal(entry, Status.EPT_ENTRY_NOT_PRESENT);
    }
    return entry;
  }

  /** Whether this leaf accepts the entry's state. */
  public boolean acceptsState(SeptEntry entry) {
    return (leaf.septStates() & entry.state().bit()) != 0;
  }

  /** Refuses with EPT_ENTRY_STATE_INCORRECT unless this leaf accepts the entry's state. */
  public void requireState(SeptEntry entry) throws Refusal {
    if (!acceptsState(entry)) {
      throw septRefusal(entry, Status.EPT_ENTRY_STATE_INCORRECT);
    }
  }

  /**
   * Where vCPUs may hold translations through {@code entry}, refuses unless it is blocked and the
   * TLBs were tracked since.
   *
   * @param page the PAMT entry of what the entry maps or refers to
   */
  public void requireTracked(Tdcs tdcs, SeptEntry entry, PamtEntry page) throws Refusal {
    if (!tdcs.opState().trackingRequired() || !entry.state().trackingRequired()) {
      return;
    }
    if (!entry.state().isBlocked()) {
      throw septRefusal(entry, Status.GPA_RANGE_NOT_BLOCKED);
    }
    if (!tdcs.epochs().tracked(page.bepoch())) {
      throw new Refusal(Status.TLB_TRACKING_NOT_DONE, Operand.RCX);
    }
  }

  /** The PAMT entry of the page that {@code entry} maps, or of the Secure EPT page it refers to. */
  public PamtEntry pamtOf(SeptEntry entry) {
    int level = entry.state().isLeaf() ? entry.level() : PageSize.LEVEL_4K;
    return platform.pamt().implicit(entry.hpa(), level);
  }

  /** Reports {@code entry} in RCX and RDX and makes the refusal for it, which blames RCX. */
  public Refusal septRefusal(SeptEntry entry, long code) {
    regs.rcx = entry.architectural();
    regs.rdx = entry.levelAndState();
    return new Refusal(code, Operand.RCX);
  }

  private Tdcs requireOpState(Tdcs tdcs) throws Refusal {
    Refusal.unless((leaf.opStates() & tdcs.opState().bit()) != 0, Status.OP_STATE_INCORRECT);
    return tdcs;
  }
}
